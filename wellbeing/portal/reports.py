"""The escalation report: as a page, on paper, as a file. All three render the same object.

What is counted, and what is too small to be shown, is decided in reports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from wellbeing.accounts.rules.roles import Permission
from wellbeing.audit.rules import AuditAction
from wellbeing.policy import current as policy
from wellbeing.policy.model import RiskLevel, Tier
from wellbeing.portal import filters, pages, step_up
from wellbeing.portal.cases.naming import look_up
from wellbeing.portal.forms.reports import PRESETS, PeriodForm
from wellbeing.reports import exports
from wellbeing.reports import queries as reports
from wellbeing.reports.rules.figures import LEVELS, EscalationReport, Measure, Timing
from wellbeing.reports.rules.periods import NotAPeriod, Period, Preset, period_of

blueprint = Blueprint("reports", __name__)

TIERS: Mapping[Tier | None, Any] = {
    Tier.SCHOOL: _("School or university"),
    Tier.DISTRICT: _("District"),
    Tier.MUNICIPAL: _("Municipal center"),
    None: _("All tiers"),
}
MEASURES: Mapping[Measure, tuple[Any, Any]] = {
    Measure.SENT: (
        _("Sent"),
        _("Escalations sent in the period by your units, up or down, by level when sent."),
    ),
    Measure.ACKNOWLEDGED: (
        _("Acknowledged"),
        _("Of those, somebody at a receiving desk has said that they have seen it."),
    ),
    Measure.ACCEPTED: (_("Accepted"), _("Of those, a receiver has taken over the case.")),
    Measure.WARM: (
        _("Handed over warm"),
        _("Of those accepted, the receiver read back level and plan to the sender."),
    ),
    Measure.COLD: (
        _("Handed over cold"),
        _("Of those accepted, nobody noted a read-back: a ticket alone."),
    ),
    Measure.CONTACTED: (
        _("Student contacted"),
        _("Of those, the student was reached after the case was accepted."),
    ),
    Measure.DECLINED: (_("Declined"), _("Every receiver declined; the sender kept the case.")),
    Measure.RELEASED: (
        _("Taken back"),
        _("The sender took it back before anybody accepted it."),
    ),
    Measure.ACKNOWLEDGE_MISSED: (
        _("Acknowledged late"),
        _("Not acknowledged within the time that its level gives; answered later or not yet."),
    ),
    Measure.CONTACT_MISSED: (
        _("Contacted late"),
        _("Not contacted within the time that its level gives; reached later or not yet."),
    ),
    Measure.ESCALATED_AGAIN: (
        _("Escalated again"),
        _("The same case had been escalated before, at any time."),
    ),
}  # fmt: skip
"""Label and definition of each count."""
MEASURE_GROUPS: tuple[tuple[Any, tuple[Measure, ...]], ...] = (
    (
        _("Sent and answered"),
        (Measure.SENT, Measure.ACKNOWLEDGED, Measure.ACCEPTED, Measure.CONTACTED),
    ),
    (
        _("Declined, taken back, escalated again"),
        (Measure.DECLINED, Measure.RELEASED, Measure.ESCALATED_AGAIN),
    ),
    (_("Warm and cold hand-over"), (Measure.ACCEPTED, Measure.WARM, Measure.COLD)),
    (_("Clocks missed"), (Measure.ACKNOWLEDGE_MISSED, Measure.CONTACT_MISSED)),
)
"""A table each, so that none is wider than a sheet of paper."""
TIMINGS: Mapping[Timing, tuple[Any, Any]] = {
    Timing.ACKNOWLEDGE: (_("Until acknowledged"), _("From sending to the first acknowledgement.")),
    Timing.ACCEPT: (_("Until accepted"), _("From sending until a receiver accepted.")),
    Timing.CONTACT: (_("Until contacted"), _("From sending until the student was contacted.")),
}  # fmt: skip
PARTS: Mapping[str, Any] = {"p50": _("half within"), "p90": _("9 in 10 within")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """An open escalation as the report words it."""

    id: int
    reference: str | None
    level: RiskLevel
    sender: str
    holder: str
    since: datetime
    deadline: datetime
    next_words: str


@blueprint.get("/reports/escalations")
@pages.allowed(Permission.SEE_REPORTS)
def escalations() -> str | tuple[str, int]:
    """Show the report of the chosen days, or of the last 30 where the choice makes no period."""
    form, period = _asked()
    report = _report(period)
    _note(AuditAction.LISTED, report)
    address: dict[str, Any] = {
        "period": period.preset.value, "first": period.first, "last": period.last,
    }  # fmt: skip
    shown = render_template(
        "reports/escalations.html",
        form=form,
        csv_url=url_for("reports.escalations_csv", **address),
        print_url=url_for("reports.escalations_print", **address),
        open_now=_open(report),
        now=pages.now(),
        **_page(report),
    )
    return (shown, 422) if form.errors else shown


@blueprint.get("/reports/escalations/print")
@pages.allowed(Permission.SEE_REPORTS)
def escalations_print() -> str:
    """Show the report for paper."""
    report = _report(_asked(strict=True)[1])
    _note(AuditAction.PRINTED, report)
    return render_template(
        "reports/escalations_print.html",
        printed_at=pages.now(),
        printed_by=filters.in_language(pages.reader(), "display_name"),
        **_page(report),
    )


@blueprint.get("/reports/escalations.csv")
@pages.allowed(Permission.SEE_REPORTS)
def escalations_csv() -> Response:
    """Give the figures as a file; that it was taken is written down."""
    step_up.demand()
    report = _report(_asked(strict=True)[1])
    _note(AuditAction.EXPORTED, report)
    name = f"escalations-{report.period.first}-{report.period.last}.csv"
    return Response(
        exports.escalation_csv(report=report, words=_words(report)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _asked(*, strict: bool = False) -> tuple[PeriodForm, Period]:
    form = PeriodForm(formdata=request.args if "period" in request.args else None)
    form.offer()
    now, zone = pages.now(), policy.current().followups.zone
    try:
        if "period" not in request.args or form.is_valid():
            return form, form.chosen(now=now, zone=zone)
    except NotAPeriod as error:
        form.refuse("last", str(error))
    if strict:
        raise NotAPeriod
    return form, period_of(preset=Preset.THIRTY_DAYS, now=now, zone=zone)


def _report(period: Period) -> EscalationReport:
    return reports.escalation_report(scope=pages.reader().scope, period=period, now=pages.now())


def _note(action: AuditAction, report: EscalationReport) -> None:
    pages.note_read(
        action=action,
        details={
            "list": "escalation_report",
            "first": report.period.first.isoformat(),
            "last": report.period.last.isoformat(),
            "open": [one.escalation_id for one in report.open_now],
        },
    )


def _page(report: EscalationReport) -> dict[str, Any]:
    return {
        "report": report,
        "levels": _levels(),
        "tiers": TIERS,
        "measures": MEASURES,
        "measure_groups": MEASURE_GROUPS,
        "timings": TIMINGS,
        "parts": PARTS,
        "place": filters.in_language(pages.reader(), "organization_name"),
        "preset": PRESETS[report.period.preset],
        "hidden": _hidden(report),
        "hidden_why": _hidden_why(report),
    }


def _levels() -> dict[RiskLevel | None, str]:
    worded: dict[RiskLevel | None, str] = {one: filters.level_label(one) for one in LEVELS}
    return {**worded, None: gettext("All levels")}


def _hidden(report: EscalationReport) -> str:
    threshold = report.rules.threshold
    return f"<{threshold}" if report.rules.totals_only else gettext("hidden")


def _hidden_why(report: EscalationReport) -> str:
    threshold = report.rules.threshold
    if report.rules.totals_only:
        return gettext(
            "A school sees totals only; a total from 1 to below %(count)s is shown as <%(count)s.",
            count=threshold,
        )
    return gettext(
        "Counts from 1 to below %(count)s are hidden to protect students, and with them as many "
        "others as keep them from being computed. Times are hidden where their count is.",
        count=threshold,
    )


def _open(report: EscalationReport) -> list[Open]:
    rows = report.open_now
    names = look_up(
        users=[one.from_user_id for one in rows],
        organizations_=[one.from_organization_id for one in rows],
    )
    return [
        Open(
            id=one.escalation_id,
            reference=one.reference,
            level=one.level,
            sender=names.place(one.from_organization_id),
            holder=names.user(one.from_user_id),
            since=one.sent_at,
            deadline=one.contact_by if one.acknowledged_at else one.acknowledge_by,
            next_words=gettext("the student has been contacted")
            if one.acknowledged_at
            else gettext("the next desk is asked as well"),
        )
        for one in rows
    ]


def _words(report: EscalationReport) -> exports.Words:
    period, before = report.period, report.before
    days = f"{period.first} – {period.last}"
    return exports.Words(
        heading=(
            (gettext("Escalation report"), ""),
            (gettext("Unit"), filters.in_language(pages.reader(), "organization_name")),
            (gettext("Days"), days),
            (gettext("Made at"), filters.local_time(report.made_at)),
            (gettext("Small figures"), _hidden_why(report)),
        ),
        levels=_levels(),
        tiers={tier: str(words) for tier, words in TIERS.items()},
        measures={measure: str(words[0]) for measure, words in MEASURES.items()},
        times={
            (timing, part): gettext(
                "%(time)s: %(part)s (seconds)", time=str(words[0]), part=str(PARTS[part])
            )
            for timing, words in TIMINGS.items()
            for part in PARTS
        },
        level=gettext("Level"),
        tier=gettext("Receiving tier"),
        flows=gettext("Sent by ↓, accepted by →"),
        before=gettext("Before: %(first)s – %(last)s", first=before.first, last=before.last),
        hidden=_hidden(report),
        nothing="—",
        definitions=[
            (str(label), str(definition))
            for label, definition in (*MEASURES.values(), *TIMINGS.values())
        ],
    )
