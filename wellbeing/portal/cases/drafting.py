"""What somebody is typing into a case: kept on the server, put back after a crash."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import Response, jsonify, request, url_for

from wellbeing.accounts.rules.roles import Permission
from wellbeing.cases.operations import plans as operations
from wellbeing.cases.queries import plans
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.cases.rules.plans import DraftRow
from wellbeing.foundation.database import transaction
from wellbeing.foundation.errors import Conflict
from wellbeing.portal import addresses, pages
from wellbeing.portal.cases.blueprint import blueprint, found


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Where a field's words are kept, and which ones are there already."""

    url: str
    version: str


@blueprint.post("/cases/<reference>/drafts/<field>")
@pages.allowed(Permission.EDIT_CASE)
def draft(reference: str, field: str) -> Response | tuple[Response, int]:
    """Keep what is being typed; 409 when another window kept something newer."""
    case = found(reference)
    user_id = pages.reader().user_id
    with transaction():
        known = plans.drafts_of(case_id=case.case_id, user_id=user_id, prefix=field).get(field)
        if _version(known) != request.form.get("version", ""):
            return jsonify(version=_version(known)), Conflict.status
        kept = operations.save_draft(
            case_id=case.case_id,
            user_id=user_id,
            field=field,
            body=request.form.get("body", ""),
            base_version=addresses.asked_id("on") or 0,
            now=pages.now(),
        )
    return jsonify(version=_version(kept))


def kept(*, case: CaseRow, prefix: str) -> Mapping[str, DraftRow]:
    """Give what the reader was typing into the fields that begin so."""
    return plans.drafts_of(case_id=case.case_id, user_id=pages.reader().user_id, prefix=prefix)


def places(
    *, case: CaseRow, fields: Iterable[str], known: Mapping[str, DraftRow], version: int
) -> dict[str, Draft]:
    """Tell for each field where its words go while somebody types over a version."""
    return {
        field: Draft(
            url=url_for("cases.draft", reference=case.reference, field=field, on=version),
            version=_version(known.get(field)),
        )
        for field in fields
    }


def _version(draft: DraftRow | None) -> str:
    return str(int(draft.saved_at.timestamp() * 1_000_000)) if draft else "0"
