"""What the workspace page shows, gathered from the rooms. Nothing is changed here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from flask import render_template, request

from wellbeing.accounts.queries import people as accounts
from wellbeing.cases.queries import cases, matching
from wellbeing.cases.queries import reporting as reports
from wellbeing.cases.rules.cases import CaseRow
from wellbeing.cases.rules.lowerings import About
from wellbeing.contacts.queries import canned, words
from wellbeing.contacts.queries import conversations as contacts
from wellbeing.contacts.rules.conversations import (
    Channel,
    ContactRow,
    ContactState,
    Disposition,
    DraftRow,
)
from wellbeing.contacts.rules.words import AgreedWord
from wellbeing.messaging import queries as messaging
from wellbeing.organizations import queries as organizations
from wellbeing.organizations.queries import OrganizationRow
from wellbeing.policy import current as policy
from wellbeing.policy.model import RiskLevel, ScreenerDefinition
from wellbeing.portal import filters, pages
from wellbeing.portal.calls import one
from wellbeing.portal.cases import lowerings, people_view, report_words
from wellbeing.portal.contacts import reopening, screened, signs
from wellbeing.portal.contacts.blueprint import is_mine, may_work
from wellbeing.portal.contacts.branching import CONDITIONS
from wellbeing.portal.contacts.thread import thread
from wellbeing.portal.forms.base import Form
from wellbeing.portal.forms.contacts import (
    MEASURE_LABELS,
    AssessForm,
    CloseForm,
    FactsForm,
    OpenCaseForm,
    ReleaseForm,
    ReplyForm,
    WordForm,
    screener_form,
)
from wellbeing.triage import queries as triage
from wellbeing.triage.rules.records import AssessmentRow

UNITS_SHOWN = 300
"""A city has nine thousand schools; who needs one further down types its code."""
PREVIOUS_SHOWN = 10
LOOKED_AT = 3


def page(contact: ContactRow, forms: Mapping[str, Form] | None = None) -> str:
    """Render the workspace; `forms` holds a form that was refused, with what was typed."""
    mine = is_mine(contact)
    draft = _draft(contact) if mine else None
    assessments = triage.assessments_of(contact_ids=[contact.contact_id])
    level = assessments[-1].level if assessments else None
    helps = _helps(contact, level, draft, mine=mine)
    shown = _forms(contact, draft, level, helps["word"]) | dict(forms or {})
    talk = one.shown(contact) if contact.channel is Channel.VOICE else None
    return render_template(
        "contacts/show.html",
        contact=contact,
        mine=mine,
        is_waiting=contact.state is ContactState.WAITING,
        may_work=may_work(contact),
        holder=_holder(contact),
        level=level,
        thread=thread(contact_id=contact.contact_id),
        talk=talk,
        may_call=contact.has_number and one.may_call(contact),
        is_live_call=talk is not None and not talk["row"].is_over,
        **helps,
        opted_out=_opted_out(contact),
        **signs.shown(contact=contact),
        **_judged(contact, (forms or {}).get("decide")),
        dispositions=Disposition,
        assessments=assessments,
        level_by=_names_of_assessors(assessments),
        previous=_previous(contact),
        **_cases(contact),
        screeners=offered(),
        non_data_kinds=policy.current().triage.non_data_kinds,
        measures=MEASURE_LABELS,
        forms=shown,
        reason_groups=reason_groups(shown["facts"]),
        open_part=request.args.get("open", ""),
        now=pages.now(),
    )


def _cases(contact: ContactRow) -> dict[str, Any]:
    case = cases.case_of_contact(contact_id=contact.contact_id)
    people = people_view.returning(case=case)
    return {"case": case, "people": people, "offers": _offers(contact, case)}


def fresh(contact: ContactRow) -> dict[str, Any]:
    """Gather what a new text may change beside the thread: whose turn it is, and the signs."""
    return {
        "mine": is_mine(contact),
        "is_waiting": contact.state is ContactState.WAITING,
        "holder": _holder(contact),
        "level": triage.current_level(contact_ids=[contact.contact_id]),
        "talk": contact.channel is Channel.VOICE,
        "now": pages.now(),
    } | signs.shown(contact=contact)


def _offers(contact: ContactRow, case: CaseRow | None) -> Sequence[Mapping[str, Any]]:
    """Word the closed cases that could be opened again for this contact."""
    if case is not None or not may_work(contact):
        return ()
    return reopening.worded(cases=offers(contact))


def _judged(contact: ContactRow, deciding: Form | None) -> dict[str, Any]:
    """Tell what people asked and decided: screenings, those still due, reports, a lowering."""
    return {
        "screenings": screened.shown(rows=triage.screenings_of(contact_ids=[contact.contact_id])),
        "due": screened.due(contact_id=contact.contact_id),
        "reports": report_words.shown(rows=reports.of(contact_id=contact.contact_id)),
        "lowering": lowerings.shown(about=About(contact_id=contact.contact_id), form=deciding),
    }


def offered() -> Mapping[str, ScreenerDefinition]:
    """List the screeners that are in use here, in the order shown."""
    known = policy.current().triage.screeners
    return {key: one for key, one in known.items() if one.offered}


def _helps(
    contact: ContactRow, level: RiskLevel | None, draft: DraftRow | None, *, mine: bool
) -> dict[str, Any]:
    """Gather what makes the work lighter: ready-made replies, the agreed word, one-click levels."""
    least = contact.urgency if level is None else level
    return {
        "conditions": CONDITIONS,
        "draft_version": draft_version(draft),
        "canned": canned.usable(path=pages.reader().organization_path) if mine else (),
        "word": words.agreed_with(caller_id=contact.caller_id),
        "word_said_at": words.said_at(contact_id=contact.contact_id),
        "one_click_levels": [
            one for one in reversed(RiskLevel) if one >= least and one is not level
        ],
    }


def draft_version(draft: DraftRow | None) -> str:
    """Tell drafts apart by the moment they were kept; none is version 0."""
    return str(int(draft.saved_at.timestamp() * 1_000_000)) if draft else "0"


def least_by_one_click(contact: ContactRow) -> RiskLevel:
    """Tell below which level a person must say why: the one that stands, else the signals' own."""
    standing = triage.current_level(contact_ids=[contact.contact_id])
    return contact.urgency if standing is None else standing


def units() -> tuple[OrganizationRow, ...]:
    """List the units that the reader may open a case for; districts and universities come first."""
    return organizations.list_within(scope=pages.reader().scope, limit=UNITS_SHOWN)


def _forms(
    contact: ContactRow, draft: DraftRow | None, level: RiskLevel | None, word: AgreedWord
) -> dict[str, Form]:
    language = pages.language()
    prefilled = (level or contact.urgency).value
    facts = {name: getattr(contact.facts, name) for name in MEASURE_LABELS} | {
        "caller_type": contact.facts.caller_type or "",
        "age_band": contact.facts.age_band or "",
        "reasons": list(contact.facts.reasons),
        "version": contact.version,
    }
    kept = draft.body if draft else ""
    made: dict[str, Form] = {
        "reply": ReplyForm(formdata=None, prefix="reply-", data={"body": kept}),
        "assess": AssessForm(formdata=None, prefix="assess-"),
        "facts": FactsForm(formdata=None, prefix="facts-", language=language, data=facts),
        "case": OpenCaseForm(
            formdata=None,
            prefix="case-",
            units=units(),
            language=language,
            data={"level": prefilled, "organization_id": contact.organization_id},
        ),
        "close": CloseForm(formdata=None, prefix="close-", data={"wrap_up": contact.wrap_up}),
        "release": ReleaseForm(formdata=None, prefix="release-"),
        "word": WordForm(formdata=None, prefix="word-", data={"version": word.version}),
    }
    for definition in offered().values():
        made[definition.key] = screener_form(
            definition=definition, language=language, formdata=None
        )
    return made


def _names_of_assessors(rows: tuple[AssessmentRow, ...]) -> Mapping[int, str]:
    names = accounts.names_of(user_ids={row.by_user_id for row in rows})
    return {one: filters.in_language(name, "display_name") for one, name in names.items()}


def reason_groups(form: Form) -> list[tuple[str, list[Any]]]:
    """Lay the check boxes of the reasons under their eleven international groups."""
    triage_policy, language = policy.current().triage, pages.language()
    parent = {reason.key: reason.parent for reason in triage_policy.reasons}
    options: list[Any] = list(cast("Any", form["reasons"]))
    return [
        (
            group.name(language=language),
            [one for one in options if parent[one.data] == group.key],
        )
        for group in triage_policy.reason_groups
    ]


def _draft(contact: ContactRow) -> DraftRow | None:
    return contacts.draft_of(contact_id=contact.contact_id, user_id=pages.reader().user_id)


def _holder(contact: ContactRow) -> Any:
    if contact.claimed_by is None:
        return None
    return accounts.names_of(user_ids={contact.claimed_by}).get(contact.claimed_by)


def _opted_out(contact: ContactRow) -> bool:
    number = contacts.number_of(contact_id=contact.contact_id)
    return number is not None and messaging.opted_out(
        number=number, line_number=contact.line_number
    )


def offers(contact: ContactRow) -> tuple[CaseRow, ...]:
    """Cases of this number that the contact may join: offered, never assumed (phones are shared).

    Only the latest few contacts are looked at, so that the page keeps its number of queries.
    """
    found = [
        cases.case_of_contact(contact_id=one.contact_id) for one in _previous(contact)[:LOOKED_AT]
    ]
    scope, within = pages.reader().scope, policy.current().privacy.reopen_within
    found += matching.cases_of_caller(caller_id=contact.caller_id, scope=scope, now=pages.now())
    return tuple(
        {
            case.case_id: case
            for case in found
            if case is not None
            and scope.covers(case.organization_path)
            and (case.closed_at is None or case.closed_at > pages.now() - within)
        }.values()
    )


def _previous(contact: ContactRow) -> tuple[ContactRow, ...]:
    """Earlier contacts of this number that lie in the reader's own units (promise P6)."""
    earlier = contacts.previous_of(
        caller_id=contact.caller_id, before=contact.contact_id, limit=PREVIOUS_SHOWN
    )
    scope = pages.reader().scope
    return tuple(one for one in earlier if scope.covers(one.organization_path))
