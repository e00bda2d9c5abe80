"""Reads the word list of `triage.toml`; how matches add up is a rule of the room `triage`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

from wellbeing.policy.model import (
    Completion,
    CompositionRule,
    ContextKind,
    ContextRule,
    Language,
    Lexicon,
    PhraseKind,
    PhraseRule,
    RiskLevel,
    ScoringPolicy,
)
from wellbeing.policy.reading.clues import read_clues
from wellbeing.policy.reading.table import LEVELS, Table, by_level, repeated, words_of

_FLOORED = (PhraseKind.INTENT, PhraseKind.ACT_NOW, PhraseKind.ABUSE)
"""Explicit intent, an act under way and abuse always have a floor."""
_PIECE = re.compile(r"\{([a-z_]+)\}")
"""A name in braces; numbers in braces are repetitions."""


def read_lexicon(*, table: Table, directory: Path) -> Lexicon:
    """Read phrases, what bends them, variants and scoring."""
    pieces = _pieces(table=table.table(key="pieces"))
    classes = _classes(table=table.table(key="classes"), pieces=pieces)
    found = Lexicon(
        phrases=tuple(_phrase(table=entry, pieces=pieces) for entry in table.tables(key="phrases")),
        classes=classes,
        compositions=tuple(
            _composition(table=entry, classes=classes) for entry in table.tables(key="compositions")
        ),
        clues=read_clues(
            directory=directory, table=table.table(key="clues"), problems=table.problems
        ),
        completion=_completion(table=table.table(key="completion"), pieces=pieces),
        contexts=tuple(
            _context(table=entry, pieces=pieces) for entry in table.tables(key="contexts")
        ),
        homophones=_homophones(table=table.table(key="homophones")),
        scoring=_scoring(table=table.table(key="scoring")),
    )
    keys = [rule.key for rule in found.phrases] + [rule.key for rule in found.compositions]
    keys += [rule.key for rule in found.contexts]
    for key in repeated(items=keys):
        table.wrong(key="phrases", says=f"the key “{key}” stands twice")
    _check_floors(table=table, lexicon=found)
    table.close()
    return found


def _pieces(*, table: Table) -> Mapping[str, str]:
    """Read the parts that patterns share; a piece may use those above it."""
    found: dict[str, str] = {}
    for name in table.own_keys():
        found[name] = _written_out(table=table, key=name, text=table.text(key=name), pieces=found)
        _check_patterns(table=table, key=name, patterns=(found[name],))
    return MappingProxyType(found)


def _written_out(*, table: Table, key: str, text: str, pieces: Mapping[str, str]) -> str:
    """Put the pieces where a pattern names them."""

    def piece(match: re.Match[str]) -> str:
        if match[1] not in pieces:
            table.wrong(key=key, says=f"there is no piece “{match[1]}” above it")
        return pieces.get(match[1], "")

    return _PIECE.sub(piece, text)


def _phrase(*, table: Table, pieces: Mapping[str, str]) -> PhraseRule:
    regex = table.flag(key="regex")
    found = PhraseRule(
        key=table.text(key="key"),
        level=table.word(key="level", words=LEVELS),
        kind=table.word(key="kind", words=words_of(PhraseKind)),
        language=table.word(key="language", words=words_of(Language)),
        phrases=_texts(table=table, key="phrases", pieces=pieces if regex else {}),
        regex=regex,
    )
    if found.regex:
        _check_patterns(table=table, key="phrases", patterns=found.phrases)
    table.close()
    return found


def _classes(*, table: Table, pieces: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    """Read the classes of words that compositions put together."""
    found: dict[str, tuple[str, ...]] = {}
    for name in table.own_keys():
        found[name] = _texts(table=table, key=name, pieces=pieces)
        _check_patterns(table=table, key=name, patterns=found[name])
    return MappingProxyType(found)


def _composition(*, table: Table, classes: Mapping[str, tuple[str, ...]]) -> CompositionRule:
    found = CompositionRule(
        key=table.text(key="key"),
        level=table.word(key="level", words=LEVELS),
        kind=table.word(key="kind", words=words_of(PhraseKind)),
        parts=table.texts(key="parts"),
        within=table.integer(key="within", least=1),
        without=table.texts(key="without") if table.has(key="without") else (),
        ordered=table.flag(key="ordered") if table.has(key="ordered") else False,
        of_another=table.flag(key="of_another") if table.has(key="of_another") else False,
    )
    for key, names in (("parts", found.parts), ("without", found.without)):
        for name in names:
            if name not in classes:
                table.wrong(key=key, says=f"there is no class “{name}”")
    table.close()
    return found


def _completion(*, table: Table, pieces: Mapping[str, str]) -> Completion:
    found = Completion(
        within=table.integer(key="within", least=1),
        patterns=_texts(table=table, key="patterns", pieces=pieces),
    )
    _check_patterns(table=table, key="patterns", patterns=found.patterns)
    table.close()
    return found


def _context(*, table: Table, pieces: Mapping[str, str]) -> ContextRule:
    regex = table.flag(key="regex")
    found = ContextRule(
        key=table.text(key="key"),
        kind=table.word(key="kind", words=words_of(ContextKind)),
        language=table.word(key="language", words=words_of(Language)),
        patterns=_texts(table=table, key="patterns", pieces=pieces if regex else {}),
        regex=regex,
    )
    if found.regex:
        _check_patterns(table=table, key="patterns", patterns=found.patterns)
    table.close()
    return found


def _texts(*, table: Table, key: str, pieces: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(
        _written_out(table=table, key=key, text=text, pieces=pieces) if pieces else text
        for text in table.texts(key=key)
    )


def _check_patterns(*, table: Table, key: str, patterns: tuple[str, ...]) -> None:
    for pattern in patterns:
        if says := _fault_of(pattern):
            table.wrong(key=key, says=f"“{pattern}” {says}")


@lru_cache(maxsize=10_000)
def _fault_of(pattern: str) -> str:
    """Tell what is wrong with a pattern; kept, because an edit changes one of some thousands."""
    try:
        empty = re.compile(pattern).match("")
    except re.error as error:
        return f"is not a pattern: {error}"
    return "would match everything" if empty else ""


def _homophones(*, table: Table) -> Mapping[str, str]:
    found = {key: table.text(key=key) for key in table.own_keys()}
    for variant, canonical in found.items():
        if variant in canonical:
            table.wrong(key=variant, says="is part of what replaces it")
    return MappingProxyType(found)


def _scoring(*, table: Table) -> ScoringPolicy:
    kinds: Mapping[str, PhraseKind] = words_of(PhraseKind)
    floors = table.table(key="floors")
    factors = table.table(key="context_factors")
    found = ScoringPolicy(
        decay_half_life=table.integer(key="decay_half_life", least=1),
        context_window=table.integer(key="context_window", least=0),
        rise=table.fraction(key="rise"),
        weights=by_level(table=table, key="weights", read=_fraction),
        thresholds=by_level(table=table, key="thresholds", read=_fraction),
        floors=MappingProxyType(
            {
                kind: floors.word(key=name, words=LEVELS)
                for name, kind in kinds.items()
                if kind in _FLOORED or floors.has(key=name)
            }
        ),
        context_factors=MappingProxyType(
            {kind: factors.fraction(key=kind.value) for kind in ContextKind}
        ),
    )
    _check_ascending(table=table, key="weights", steps=found.weights)
    _check_ascending(table=table, key="thresholds", steps=found.thresholds)
    for inner in (floors, factors, table):
        inner.close()
    return found


def _fraction(table: Table, name: str) -> float:
    return table.fraction(key=name)


def _check_ascending(*, table: Table, key: str, steps: Mapping[RiskLevel, float]) -> None:
    for lower, higher in pairwise(steps):
        if steps[higher] <= steps[lower]:
            says = f"must be above that of {lower.name.lower()}"
            table.wrong(key=f"{key}.{higher.name.lower()}", says=says)


def _check_floors(*, table: Table, lexicon: Lexicon) -> None:
    listed: dict[str, Sequence[PhraseRule | CompositionRule]] = {
        "phrases": lexicon.phrases,
        "compositions": lexicon.compositions,
    }
    for name, rules in listed.items():
        for place, rule in enumerate(rules, start=1):
            floor = lexicon.scoring.floors.get(rule.kind, RiskLevel.LOW)
            if rule.level < floor:
                says = f"is below the floor of {rule.kind}, {floor.name.lower()} (scoring.floors)"
                table.wrong(key=f"{name}[{place}].level", says=says)
