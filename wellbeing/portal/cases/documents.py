"""Documents of a case: added, listed, opened, taken back. Every look at one is written down."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from flask import Response, flash, redirect, render_template, send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.cases.operations import documents as operations
from wellbeing.cases.queries import documents
from wellbeing.cases.rules.cases import CaseRow, CaseStatus
from wellbeing.cases.rules.documents import DocumentRow
from wellbeing.foundation.database import transaction
from wellbeing.foundation.documents import MEDIA_TYPES, DocumentKind
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.policy import current as policy
from wellbeing.portal import pages, uploads
from wellbeing.portal.cases import document_words as words
from wellbeing.portal.cases.blueprint import (
    blueprint,
    decider,
    found,
    head,
    note_change,
    opened,
    subject_of,
)
from wellbeing.portal.cases.naming import look_up
from wellbeing.portal.cases.posting import is_sent, status
from wellbeing.portal.forms.documents import ACCEPT, DocumentForm, WithdrawForm

Page = str | AnyResponse | tuple[str, int]

SHUT = frozenset({CaseStatus.SEALED, CaseStatus.ERASED})
SAFE_POLICY = "default-src 'none'; sandbox"
"""Nothing in a document loads, runs or leads anywhere, whoever opens its address by itself."""


def _largest() -> int:
    return policy.current().cases.documents.largest


@blueprint.get("/cases/<reference>/documents")
@pages.allowed(Permission.OPEN_CASE)
def list_documents(reference: str) -> str:
    """List the documents of a case; whoever may edit it also finds the form."""
    case = opened(reference)
    return _list(case, DocumentForm(formdata=None))


@blueprint.post("/cases/<reference>/documents")
@uploads.takes_file(_largest)
@pages.allowed(Permission.EDIT_CASE)
def add_document(reference: str) -> Page:
    """Keep one file; what it is, its own bytes tell."""
    case, form = found(reference), DocumentForm()
    if not is_sent(form=form):
        return _list(opened(reference), form), status()
    try:
        raw, name = form.raw()
        # Outside of the transaction: drawing a picture anew takes its time and writes nothing.
        new = operations.inspected(raw=raw, name=name)
        with transaction():
            made = operations.add(
                case_id=case.case_id, new=new, by=pages.reader().user_id, now=pages.now()
            )
            _note(case, made, "added")
    except NotFound:
        raise
    except DomainError as error:
        form.refuse("file", str(error))
        return _list(opened(reference), form), error.status
    flash(gettext("The document is kept."), "success")
    return redirect(url_for("cases.list_documents", reference=reference), 303)


@blueprint.get("/cases/<reference>/documents/<int:document_id>")
@pages.allowed(Permission.OPEN_CASE)
def document(reference: str, document_id: int) -> Response:
    """Give a document's bytes: a picture that was drawn anew to look at, all else to save."""
    case = found(reference)
    row = _row(case, document_id)
    content = documents.content_of(document=row)
    pages.note_read(
        action=AuditAction.SAW_DOCUMENT,
        subject=subject_of(case),
        details={"document": document_id},
    )
    answer = send_file(
        BytesIO(content),
        mimetype=MEDIA_TYPES[row.kind],
        as_attachment=row.kind is not DocumentKind.PICTURE,
        download_name=words.name(row=row),
        etag=False,
    )
    answer.headers["Content-Security-Policy"] = SAFE_POLICY
    return answer


@blueprint.route("/cases/<reference>/documents/<int:document_id>/withdraw", methods=["GET", "POST"])
@pages.allowed(Permission.EDIT_CASE)
def withdraw_document(reference: str, document_id: int) -> Page:
    """Take a document back, with the reason that supervisors read."""
    case = opened(reference)
    row, form = _row(case, document_id), WithdrawForm()
    if not is_sent(form=form):
        return _withdraw(case, row, form), status()
    try:
        with transaction():
            operations.withdraw(
                document=row, reason=form.text("reason"), by=decider(), now=pages.now()
            )
            _note(case, document_id, "withdrawn")
    except NotFound:
        raise
    except DomainError as error:
        form.refuse("reason", str(error))
        return _withdraw(case, row, form), error.status
    flash(gettext("The document is withdrawn."), "success")
    return redirect(url_for("cases.list_documents", reference=reference), 303)


def _row(case: CaseRow, document_id: int) -> DocumentRow:
    return documents.get(
        document_id=document_id, case_id=case.case_id, is_supervisor=decider().is_supervisor
    )


def _note(case: CaseRow, document_id: int, what: str) -> None:
    details = {"document": document_id, "what": what}
    note_change(case=case, action=AuditAction.DOCUMENT_CHANGED, details=details)


def _withdraw(case: CaseRow, row: DocumentRow, form: WithdrawForm) -> str:
    return render_template(
        "cases/document_withdraw.html",
        case=head(case=case),
        document_id=row.document_id,
        name=words.name(row=row),
        form=form,
    )


def _list(case: CaseRow, form: DocumentForm) -> str:
    rows = documents.of_case(case_id=case.case_id, is_supervisor=decider().is_supervisor)
    users = {one.by_user_id for one in rows} | {one.withdrawn_by for one in rows}
    names = look_up(users=[case.owner_id, *users], organizations_=[case.organization_id])
    edits = Permission.EDIT_CASE in pages.reader().permissions and case.status not in SHUT
    limits = policy.current().cases.documents

    def shown(row: DocumentRow) -> Mapping[str, Any]:
        may = {row.by_user_id, case.owner_id} & {decider().user_id} or decider().is_supervisor
        return {
            "row": row,
            "name": words.name(row=row),
            "kind": str(words.KINDS[row.kind]),
            "size": words.size(count=row.size),
            "by": names.user(row.by_user_id),
            "withdrawn_by": names.user(row.withdrawn_by),
            "may_withdraw": bool(may) and edits and not row.is_withdrawn,
        }

    return render_template(
        "cases/documents.html",
        case=head(case=case, names=names),
        documents=[shown(one) for one in rows if not one.is_withdrawn],
        withdrawn=[shown(one) for one in rows if one.is_withdrawn],
        form=form if edits else None,
        accept=ACCEPT,
        largest=words.size(count=limits.largest),
        most=limits.most,
    )
