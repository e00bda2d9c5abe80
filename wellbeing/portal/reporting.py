"""Reports that the law requires: check, decision, receipt, paper. The rules are in `cases`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit import operations as audit
from wellbeing.audit.rules import AuditAction, Subject
from wellbeing.cases.operations import reporting as operations
from wellbeing.cases.queries import cases
from wellbeing.cases.queries import reporting as queries
from wellbeing.cases.rules.reporting import Filing, NewReport, ReportRow, ReportState
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import DomainError, NotFound
from wellbeing.policy import current as policy
from wellbeing.portal import filters, pages
from wellbeing.portal.cases import blueprint as case_pages
from wellbeing.portal.cases import report_words
from wellbeing.portal.cases.naming import Names, look_up
from wellbeing.portal.cases.posting import is_sent, status
from wellbeing.portal.contacts import blueprint as contact_pages
from wellbeing.portal.forms.base import Form
from wellbeing.portal.forms.safety import CheckForm, FilingForm, ReportDecisionForm, moment

blueprint = Blueprint("reporting", __name__)
Page = str | AnyResponse | tuple[str, int]


@blueprint.route("/contacts/<public_id>/report-check", methods=["GET", "POST"])
@pages.allowed(Permission.OPEN_CONTACT)
def check_contact(public_id: str) -> Page:
    """Ask the nine questions about a conversation; a yes opens a report."""
    contact = contact_pages.worked_on(public_id)
    subject = contact_pages.subject_of(contact)
    pages.note_read(action=AuditAction.OPENED_CONTACT, subject=subject)
    back = url_for("contacts.show", public_id=public_id)
    return _check(subject, NewReport(contact_id=contact.contact_id), back)


@blueprint.route("/cases/<reference>/report-check", methods=["GET", "POST"])
@pages.allowed(Permission.EDIT_CASE)
def check_case(reference: str) -> Page:
    """Ask the nine questions about a case; a yes opens a report."""
    case = case_pages.opened(reference)
    back = url_for("cases.show", reference=reference)
    return _check(case_pages.subject_of(case), NewReport(case_id=case.case_id), back)


def _check(subject: Subject, about: NewReport, back: str) -> Page:
    form = CheckForm(prefix="check-", language=pages.language())
    if not is_sent(form=form):
        return _check_page(form, about, back), status()
    chosen = tuple(form.situations.data or ())
    if not chosen:
        with transaction():
            _note(subject, {"report_check": []})
        flash(gettext("Written down: none of the nine situations."), "success")
        return redirect(back, 303)
    new = NewReport(
        case_id=about.case_id,
        contact_id=about.contact_id,
        situations=chosen,
        account=form.text("account"),
        by=pages.reader().user_id,
    )
    with transaction():
        report_id = operations.open_report(new=new, now=pages.now())
        _note(subject, {"report_check": list(chosen), "report": report_id})
    flash(
        gettext("A supervisor decides now. In danger call 110 first, before any form."), "warning"
    )
    return redirect(url_for("reporting.show", report_id=report_id), 303)


def _check_page(form: CheckForm, about: NewReport, back: str) -> str:
    standing = queries.open_of(case_id=about.case_id, contact_id=about.contact_id)
    return render_template("reporting/check.html", form=form, back=back, standing=standing)


@blueprint.get("/reports-by-law/<int:report_id>")
@pages.allowed(Permission.OPEN_CASE)
def show(report_id: int) -> str:
    """Show a report: what it is about, who decided, where it went."""
    return _page(_opened(report_id))


@blueprint.get("/reports-by-law/<int:report_id>/print")
@pages.allowed(Permission.OPEN_CASE)
def paper(report_id: int) -> str:
    """Show a report on paper, for the organ that it goes to."""
    row = _found(report_id)
    details = {"report": report_id}
    pages.note_read(action=AuditAction.PRINTED, subject=_subject(row), details=details)
    shown = _shown(row)
    return render_template(
        "reporting/print.html",
        printed_at=pages.now(),
        printed_by=filters.in_language(pages.reader(), "display_name"),
        **shown,
    )


@blueprint.post("/reports-by-law/<int:report_id>/decide")
@pages.allowed(Permission.SUPERVISE)
def decide(report_id: int) -> Page:
    """Decide whether it must be reported; "not" needs a reason and ends it."""
    row = _found(report_id)
    form = ReportDecisionForm(prefix="decide-")
    if not form.is_valid():
        return _page(_opened(report_id), decision=form), 422

    def change() -> None:
        operations.decide(
            report_id=report_id,
            reportable=form.decision.data == "report",
            reason=form.text("reason"),
            by=case_pages.decider(),
            now=pages.now(),
        )

    return _changed(row, change, gettext("Decided."))


@blueprint.post("/reports-by-law/<int:report_id>/file")
@pages.allowed(Permission.EDIT_CASE)
def file(report_id: int) -> Page:
    """Record to whom it was reported; a supervisor still closes it."""
    row = _found(report_id)
    form = FilingForm(prefix="file-", language=pages.language())
    if not form.is_valid():
        return _page(_opened(report_id), filing=form), 422

    def change() -> None:
        filing = Filing(
            organ=form.organ.data,
            receipt=form.text("receipt"),
            at=moment(form=form, now=pages.now()),
        )
        operations.file(
            report_id=report_id, filing=filing, by=pages.reader().user_id, now=pages.now()
        )

    return _changed(row, change, gettext("Recorded."))


@blueprint.post("/reports-by-law/<int:report_id>/close")
@pages.allowed(Permission.SUPERVISE)
def close(report_id: int) -> Page:
    """Close a report that was made."""
    row = _found(report_id)

    def change() -> None:
        operations.close(report_id=report_id, by=case_pages.decider(), now=pages.now())

    return _changed(row, change, gettext("The report is closed."))


def _changed(row: ReportRow, change: Callable[[], None], said: str) -> Page:
    try:
        with transaction():
            change()
            _note(_subject(row), {"report": row.report_id})
    except NotFound:
        raise
    except DomainError as error:
        return _page(_opened(row.report_id), refused=gettext(str(error))), error.status
    flash(said, "success")
    return redirect(url_for("reporting.show", report_id=row.report_id), 303)


def _found(report_id: int) -> ReportRow:
    return queries.get(report_id=report_id, scope=pages.reader().scope, now=pages.now())


def _opened(report_id: int) -> ReportRow:
    row = _found(report_id)
    action = AuditAction.OPENED_CASE if row.case_id else AuditAction.OPENED_CONTACT
    pages.note_read(action=action, subject=_subject(row), details={"report": report_id})
    return row


def _subject(row: ReportRow) -> Subject:
    if row.case_id is not None:
        return Subject(kind="case", id=row.case_id)
    return Subject(kind="contact", id=row.contact_id)


def _note(subject: Subject, details: dict[str, Any]) -> None:
    audit.record(
        action=AuditAction.CASE_CHANGED,
        subject=subject,
        actor=pages.actor(),
        details=details,
        now=pages.now(),
    )


def _page(
    row: ReportRow, *, decision: Form | None = None, filing: Form | None = None, refused: str = ""
) -> str:
    supervises = Permission.SUPERVISE in pages.reader().permissions
    return render_template(
        "reporting/show.html",
        refused=refused,
        now=pages.now(),
        decision=decision or ReportDecisionForm(prefix="decide-", formdata=None),
        filing=filing or FilingForm(prefix="file-", formdata=None, language=pages.language()),
        may_decide=supervises and row.state is ReportState.OPEN,
        may_file=row.state in {ReportState.OPEN, ReportState.TO_REPORT}
        and Permission.EDIT_CASE in pages.reader().permissions,
        may_close=supervises and row.state is ReportState.FILED,
        **_shown(row),
    )


def _shown(row: ReportRow) -> dict[str, Any]:
    report_policy, language = policy.current().safety.report, pages.language()
    names = look_up(
        users=[row.opened_by, row.holder_id, row.decided_by, row.filed_by, row.closed_by],
        organizations_=[row.organization_id],
    )
    known = {one.key: one.name(language=language) for one in report_policy.situations}
    organs = {one.key: one.name(language=language) for one in report_policy.organs}
    state_words, tone = report_words.STATES[row.state]
    return {
        "row": row,
        "state_words": str(state_words),
        "state_tone": tone,
        "situations": [known.get(one, one) for one in row.situations],
        "holder": names.user(row.holder_id) if row.holder_id else "",
        "place": names.place(row.organization_id),
        "back": _back(row),
        # What has not happened yet is left out: "not known" would read as a gap.
        "facts": [(label, said) for label, said in _facts(row, names, organs) if said],
    }


def _facts(row: ReportRow, names: Names, organs: Mapping[str, str]) -> list[tuple[str, str | None]]:
    def who(user_id: int | None) -> str | None:
        return names.user(user_id) if user_id else None

    return [
        (gettext("Opened"), filters.local_time(row.opened_at)),
        (gettext("Opened by"), who(row.opened_by) or gettext("a student's words")),
        (gettext("Decided"), filters.local_time(row.decided_at)),
        (gettext("Decided by"), who(row.decided_by)),
        (gettext("Reason"), row.reason),
        (gettext("Reported to"), organs.get(row.organ, row.organ) if row.organ else None),
        (gettext("Receipt or incident number"), row.receipt),
        (gettext("Reported at"), filters.local_time(row.filed_at)),
        (gettext("Reported by"), who(row.filed_by)),
    ]


def _back(row: ReportRow) -> tuple[str, str]:
    if row.case_id is not None:
        reference = cases.case_by_id(case_id=row.case_id).reference
        return url_for("cases.show", reference=reference), reference
    contact = contacts.contact_by_id(contact_id=row.contact_id or 0)
    return url_for("contacts.show", public_id=contact.public_id), gettext("Conversation")
