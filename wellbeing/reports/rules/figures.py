"""What the escalation report counts and how: facts in, figures out, the small ones hidden. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from wellbeing.policy.model import RiskLevel, SuppressionPolicy, Tier
from wellbeing.reports.rules.periods import Period
from wellbeing.reports.rules.suppression import Suppressed, suppressed

LEVELS = tuple(sorted(RiskLevel, reverse=True))
TIERS = tuple(sorted(Tier))
_CORNER = (len(LEVELS), len(TIERS))
_FLOW_CORNER = (len(TIERS), len(TIERS))


class Measure(StrEnum):
    """What is counted; the portal defines each in words under the report."""

    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    ACCEPTED = "accepted"
    WARM = "warm"
    COLD = "cold"
    CONTACTED = "contacted"
    DECLINED = "declined"
    RELEASED = "released"
    ACKNOWLEDGE_MISSED = "acknowledge_missed"
    CONTACT_MISSED = "contact_missed"
    ESCALATED_AGAIN = "escalated_again"


class Timing(StrEnum):
    """From sending an escalation until when a time is measured."""

    ACKNOWLEDGE = "to_acknowledge"
    ACCEPT = "to_accept"
    CONTACT = "to_contact"


COUNTED_AS: Mapping[Timing, Measure] = {
    Timing.ACKNOWLEDGE: Measure.ACKNOWLEDGED,
    Timing.ACCEPT: Measure.ACCEPTED,
    Timing.CONTACT: Measure.CONTACTED,
}
"""How many escalations a time is computed from; where that is hidden, so is the time."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One escalation, as far as it is counted."""

    level: int
    tier: int
    from_tier: int
    accepted_tier: int | None
    sent_at: datetime
    acknowledge_by: datetime
    contact_by: datetime
    acknowledged_at: datetime | None
    accepted_at: datetime | None
    contacted_at: datetime | None
    declined_at: datetime | None
    released_at: datetime | None
    read_back_at: datetime | None
    is_again: bool


Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts and times by level and receiving tier, and who accepted from whom."""

    counts: dict[Measure, Counter[Place]] = field(
        default_factory=lambda: {measure: Counter() for measure in Measure}
    )
    seconds: dict[Timing, dict[Place, list[float]]] = field(
        default_factory=lambda: {timing: {} for timing in Timing}
    )
    flows: Counter[Place] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentiles:
    """Half, and nine in ten, took at most so many seconds."""

    p50: float
    p90: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The figures of a level and a receiving tier; None as level or tier means all of them.

    A count that is None is hidden; a time that is None is hidden, or there is none.
    """

    level: RiskLevel | None
    tier: Tier | None
    counts: Mapping[Measure, int | None]
    times: Mapping[Timing, Percentiles | None]

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was sent, so that there is nothing to say."""
        return self.counts[Measure.SENT] == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Accepted escalations sent from one tier, by the tier that accepted; None means all."""

    sender: Tier | None
    accepted: Mapping[Tier | None, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of one period: by level and tier with totals, and flows with totals."""

    rows: tuple[Row, ...]
    flows: tuple[Flow, ...]

    @property
    def total(self) -> Row:
        """Give the row of all levels and tiers."""
        return self.rows[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenEscalation:
    """An escalation that waits now; `reference` only for readers who may open its case."""

    escalation_id: int
    reference: str | None
    level: RiskLevel
    from_organization_id: int
    from_user_id: int
    sent_at: datetime
    acknowledge_by: datetime
    contact_by: datetime
    acknowledged_at: datetime | None
    acknowledged_by: int | None
    next_step_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a reader's tier may see: from which count on; a school sees totals alone."""

    threshold: int
    totals_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationReport:
    """The escalation report of a subtree; a page and its export render this same object."""

    period: Period
    before: Period
    made_at: datetime
    rules: Rules
    current: Figures
    previous: Figures
    open_now: tuple[OpenEscalation, ...]
    open_count: int


def rules_for(*, tier: Tier, policy: SuppressionPolicy) -> Rules:
    """Tell what readers of a tier may see (product.md 8, small cells)."""
    thresholds = {
        Tier.MUNICIPAL: policy.city,
        Tier.DISTRICT: policy.district,
        Tier.SCHOOL: policy.school,
    }
    return Rules(threshold=thresholds[tier], totals_only=tier is Tier.SCHOOL)


def tally(*, facts: Iterable[Fact], now: datetime) -> Tally:
    """Count facts once through; a clock that still runs is missed when it has passed by `now`."""
    found = Tally()
    for fact in facts:
        place = (fact.level, fact.tier)
        for measure in _measures(fact, now):
            found.counts[measure][place] += 1
        for timing, at in (
            (Timing.ACKNOWLEDGE, fact.acknowledged_at),
            (Timing.ACCEPT, fact.accepted_at),
            (Timing.CONTACT, fact.contacted_at),
        ):
            if at is not None:
                taken = (at - fact.sent_at).total_seconds()
                found.seconds[timing].setdefault(place, []).append(taken)
        if fact.accepted_tier is not None:
            found.flows[fact.from_tier, fact.accepted_tier] += 1
    return found


def _measures(fact: Fact, now: datetime) -> list[Measure]:
    given_up = fact.declined_at or fact.released_at
    said = {
        Measure.SENT: True,
        Measure.ACKNOWLEDGED: fact.acknowledged_at is not None,
        Measure.ACCEPTED: fact.accepted_at is not None,
        Measure.WARM: fact.accepted_at is not None and fact.read_back_at is not None,
        Measure.COLD: fact.accepted_at is not None and fact.read_back_at is None,
        Measure.CONTACTED: fact.contacted_at is not None,
        Measure.DECLINED: fact.declined_at is not None,
        Measure.RELEASED: fact.released_at is not None,
        Measure.ACKNOWLEDGE_MISSED: (fact.acknowledged_at or given_up or now) > fact.acknowledge_by,
        Measure.CONTACT_MISSED: (fact.contacted_at or given_up or now) > fact.contact_by,
        Measure.ESCALATED_AGAIN: fact.is_again,
    }
    return [measure for measure, holds in said.items() if holds]


def figures(*, counted: Tally, rules: Rules) -> Figures:
    """Turn a tally into figures that may be shown to readers under these rules."""
    if rules.totals_only:
        return _totals(counted, rules)
    tables = {
        measure: suppressed(table=_by_level(counted.counts[measure]), threshold=rules.threshold)
        for measure in Measure
    }
    flows = suppressed(table=_by_sender(counted.flows), threshold=rules.threshold)
    # Both tables say in their corner how many were accepted: hidden in one, hidden in both.
    if tables[Measure.ACCEPTED].total is None:
        flows = suppressed(
            table=_by_sender(counted.flows), threshold=rules.threshold, also=[_FLOW_CORNER]
        )
    elif flows.total is None:
        tables[Measure.ACCEPTED] = suppressed(
            table=_by_level(counted.counts[Measure.ACCEPTED]),
            threshold=rules.threshold,
            also=[_CORNER],
        )
    return Figures(rows=_rows(tables, counted), flows=_flows(flows))


def percentiles(*, seconds: Sequence[float]) -> Percentiles:
    """Give the nearest-rank percentiles of one or more times: each is a time that was measured."""
    ordered = sorted(seconds)
    half, most = (-(-len(ordered) * part // 100) - 1 for part in (50, 90))
    return Percentiles(p50=ordered[half], p90=ordered[most])


def _totals(counted: Tally, rules: Rules) -> Figures:
    sums = {measure: sum(counter.values()) for measure, counter in counted.counts.items()}
    shown = {
        measure: None if 0 < count < rules.threshold else count for measure, count in sums.items()
    }
    row = Row(level=None, tier=None, counts=shown, times=dict.fromkeys(Timing))
    return Figures(rows=(row,), flows=())


def _by_level(counter: Counter[Place]) -> list[list[int]]:
    return [[counter[level, tier] for tier in TIERS] for level in LEVELS]


def _by_sender(flows: Counter[Place]) -> list[list[int]]:
    return [[flows[sender, acceptor] for acceptor in TIERS] for sender in TIERS]


def _rows(tables: Mapping[Measure, Suppressed], counted: Tally) -> tuple[Row, ...]:
    found = []
    for i, level in enumerate((*LEVELS, None)):
        for j, tier in enumerate((*TIERS, None)):
            counts = {measure: table.cells[i][j] for measure, table in tables.items()}
            times = {
                timing: _time(counted.seconds[timing], level, tier)
                if counts[COUNTED_AS[timing]]
                else None
                for timing in Timing
            }
            found.append(Row(level=level, tier=tier, counts=counts, times=times))
    return tuple(found)


def _time(
    seconds: Mapping[Place, Sequence[float]], level: RiskLevel | None, tier: Tier | None
) -> Percentiles:
    chosen = [
        second
        for place, taken in seconds.items()
        if level in {None, place[0]} and tier in {None, place[1]}
        for second in taken
    ]
    return percentiles(seconds=chosen)


def _flows(table: Suppressed) -> tuple[Flow, ...]:
    return tuple(
        Flow(
            sender=sender,
            accepted={acceptor: table.cells[i][j] for j, acceptor in enumerate((*TIERS, None))},
        )
        for i, sender in enumerate((*TIERS, None))
    )
