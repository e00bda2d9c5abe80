"""What the page of a case shows of its plans, its referrals, and what the reader was typing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext

from wellbeing.cases.queries import documents, plans, referrals
from wellbeing.cases.queries import work as queries
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.cases.rules.documents import DocumentRow
from wellbeing.cases.rules.plans import NOTE_FIELD, DraftRow, PlanKind, PlanVersion
from wellbeing.cases.rules.referrals import ReferralRow
from wellbeing.portal import filters, pages
from wellbeing.portal.cases import (
    document_words,
    drafting,
    plan_words,
    referral_words,
    tag_words,
    words,
)
from wellbeing.portal.cases.naming import Names
from wellbeing.portal.forms.cases import NoteForm

PLAN_PAGES: Mapping[PlanKind, str] = {
    PlanKind.SAFETY: "cases.safety_plan",
    PlanKind.CARE: "cases.care_plan",
}
DOCUMENTS_SHOWN = 5
"""The newest ones; all of them stand on a page of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Casework of one case, not yet worded."""

    case: CaseRow
    plans: Mapping[PlanKind, PlanVersion]
    drafts: Mapping[str, DraftRow]
    referrals: tuple[ReferralRow, ...]
    documents: tuple[DocumentRow, ...]
    tags: tuple[str, ...]
    others: tuple[CaseRow, ...]

    @property
    def users(self) -> Iterable[int]:
        """List whom the casework names."""
        return {one.by_user_id for one in self.plans.values()}


def of(*, case: CaseRow) -> Work:
    """Read the casework of a case; the reader was let in before."""
    return Work(
        case=case,
        plans=plans.newest(case_id=case.case_id),
        drafts=drafting.kept(case=case, prefix=NOTE_FIELD),
        referrals=referrals.of_case(case_id=case.case_id),
        documents=documents.newest(case_id=case.case_id, limit=DOCUMENTS_SHOWN),
        tags=queries.tags_of(case_ids=[case.case_id]).get(case.case_id, ()),
        others=queries.others_of(found=case, scope=pages.reader().scope, now=pages.now()),
    )


def worded(*, work: Work, names: Names) -> Mapping[str, Any]:
    """Word the casework for the page."""
    places = drafting.places(case=work.case, fields=[NOTE_FIELD], known=work.drafts, version=0)
    draft = work.drafts.get(NOTE_FIELD)
    return {
        "note_form": NoteForm(formdata=None, data={"body": draft.body if draft else ""}),
        "note_draft": places[NOTE_FIELD],
        "referrals": [_referral(one, work.case) for one in work.referrals],
        "documents": [_document(one, work.case) for one in work.documents],
        "tags": list(tag_words.names(keys=work.tags).values()),
        "others": [_other(one) for one in work.others],
        "plans": [_plan(kind, page, work, names) for kind, page in PLAN_PAGES.items()],
    }


def _plan(kind: PlanKind, page: str, work: Work, names: Names) -> Mapping[str, Any]:
    newest = work.plans.get(kind)
    words = gettext("Not written yet.")
    if newest is not None:
        words = gettext(
            "Version %(number)s · %(name)s, %(time)s",
            number=newest.version,
            name=names.user(newest.by_user_id),
            time=filters.local_time(newest.at),
        )
    return {
        "title": str(plan_words.KINDS[kind]),
        "url": url_for(page, reference=work.case.reference),
        "words": words,
    }


def _referral(row: ReferralRow, case: CaseRow) -> Mapping[str, Any]:
    state_words, tone = referral_words.STATES[row.state]
    return {
        "url": url_for("cases.referral", reference=case.reference, referral_id=row.referral_id),
        "title": referral_words.kind(key=row.kind),
        "state_words": state_words,
        "tone": tone,
        "sent_at": row.sent_at,
        "is_overdue": row.overdue_since is not None,
        "due_at": row.due_at,
    }


def _document(row: DocumentRow, case: CaseRow) -> Mapping[str, Any]:
    return {
        "url": url_for("cases.document", reference=case.reference, document_id=row.document_id),
        "name": document_words.name(row=row),
        "kind": document_words.kind(value=row.kind),
        "size": document_words.size(count=row.size),
        "at": row.at,
    }


def _other(case: CaseRow) -> Mapping[str, Any]:
    status_words, tone = words.STATUSES[case.status]
    return {
        "reference": case.reference,
        "level": case.level,
        "status_words": status_words,
        "status_tone": tone,
        "opened_at": case.opened_at,
    }
