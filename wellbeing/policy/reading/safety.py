"""Reads `safety.toml`: leaving red, the steps of a rescue, reports required by law."""

from __future__ import annotations

from types import MappingProxyType
from zoneinfo import ZoneInfo

from wellbeing.policy.reading.desks import check_order
from wellbeing.policy.reading.hours import zone
from wellbeing.policy.reading.table import Table, repeated, words_of
from wellbeing.policy.shapes.safety import (
    ClimbPolicy,
    LoweringPolicy,
    Organ,
    ReportPolicy,
    RescuePolicy,
    RescueStep,
    Rung,
    SafetyPolicy,
    Situation,
    StepHolder,
    StepPolicy,
)

SITUATIONS = 9
"""The opinion of 2020 names nine; a site may word them, not drop one."""


def read_safety(*, table: Table) -> SafetyPolicy:
    """Read the whole file; mistakes go to the table's list."""
    policy = SafetyPolicy(
        lowering=_lowering(table=table.table(key="lowering")),
        rescue=_rescue(table=table.table(key="rescue")),
        report=_report(table=table.table(key="report")),
    )
    table.close()
    return policy


def _lowering(*, table: Table) -> LoweringPolicy:
    found = LoweringPolicy(decide_within=table.duration(key="decide_within"))
    table.close()
    return found


def _rescue(*, table: Table) -> RescuePolicy:
    steps = table.table(key="steps")
    found = RescuePolicy(
        steps=MappingProxyType({step: _step(steps, step) for step in RescueStep}),
        climb=tuple(_rung(table=one) for one in table.tables(key="climb")),
        again=table.duration(key="again"),
    )
    steps.close()
    order = [one.within for one in found.steps.values()]
    if steps.values and order != sorted(order):
        steps.wrong(key="", says="a step is due before the one above it")
    _check_climb(table=table, climb=found.climb)
    table.close()
    return found


def _step(steps: Table, step: RescueStep) -> StepPolicy:
    inner = steps.table(key=step.value)
    found = StepPolicy(
        within=inner.duration(key="within"),
        holder=inner.word(key="holder", words=words_of(StepHolder)),
    )
    inner.close()
    return found


def _rung(*, table: Table) -> ClimbPolicy:
    found = ClimbPolicy(
        to=table.word(key="to", words=words_of(Rung)), after=table.duration(key="after", zero=True)
    )
    table.close()
    return found


def _check_climb(*, table: Table, climb: tuple[ClimbPolicy, ...]) -> None:
    check_order(table=table, key="climb", afters=[one.after for one in climb])
    for word in repeated(items=[one.to.value for one in climb]):
        table.wrong(key="climb", says=f"“{word}” stands twice")
    if climb and climb[-1].to is not Rung.DUTY_LEAD:
        says = "the last rung must be duty_lead: nothing may end unheard"
        table.wrong(key=f"climb[{len(climb)}].to", says=says)
    if climb and Rung.SUPERVISOR not in {one.to for one in climb}:
        table.wrong(key="climb", says="supervisor is missing: they hold the review")


def _report(*, table: Table) -> ReportPolicy:
    found = ReportPolicy(
        decide_within=table.duration(key="decide_within"),
        at_least=table.duration(key="at_least"),
        zone=ZoneInfo(zone(table=table)),
        climb_every=table.duration(key="climb_every"),
        situations=tuple(_situation(table=one) for one in table.tables(key="situations")),
        organs=tuple(_organ(table=one) for one in table.tables(key="organs")),
    )
    if found.situations and len(found.situations) != SITUATIONS:
        table.wrong(key="situations", says=f"the law names {SITUATIONS} situations")
    for key, entries in (("situations", found.situations), ("organs", found.organs)):
        for word in repeated(items=[one.key for one in entries]):
            table.wrong(key=key, says=f"the key “{word}” stands twice")
    if found.at_least < found.decide_within:
        table.wrong(key="at_least", says="is shorter than decide_within")
    table.close()
    return found


def _situation(*, table: Table) -> Situation:
    found = Situation(
        key=table.text(key="key"),
        name_zh=table.text(key="name_zh"),
        name_en=table.text(key="name_en"),
    )
    table.close()
    return found


def _organ(*, table: Table) -> Organ:
    found = Organ(
        key=table.text(key="key"),
        name_zh=table.text(key="name_zh"),
        name_en=table.text(key="name_en"),
        number=table.text(key="number"),
    )
    table.close()
    return found
