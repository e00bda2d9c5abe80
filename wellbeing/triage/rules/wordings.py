"""A screener's definition as plain values and back, so that a screening keeps its own. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from wellbeing.policy.model import (
    ScreenerAnswer,
    ScreenerBand,
    ScreenerDefinition,
    ScreenerItem,
)


def content_of(*, definition: ScreenerDefinition) -> dict[str, Any]:
    """Give a definition as JSON keeps it; whether it is still offered is not part of its words."""
    return {
        "key": definition.key,
        "version": definition.version,
        "title_zh": definition.title_zh,
        "title_en": definition.title_en,
        "source": definition.source_en,
        "source_zh": definition.source_zh,
        "answers": [asdict(one) for one in definition.answers.values()],
        "items": [asdict(one) for one in definition.items],
        "bands": [asdict(one) for one in definition.bands],
    }


def digest_of(*, content: Mapping[str, Any]) -> str:
    """Hash the content, so that two wordings under one version are told apart.

    The Chinese of the source is a note for the reader and came later: what was kept stays the same.
    """
    worded = {name: one for name, one in content.items() if name != "source_zh"}
    text = json.dumps(worded, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def definition_from(*, content: Mapping[str, Any]) -> ScreenerDefinition:
    """Give back the definition that was kept."""
    plain = {name: content[name] for name in ("key", "version", "title_zh", "title_en")}
    return ScreenerDefinition(
        **plain,
        source_zh=content.get("source_zh", content["source"]),
        source_en=content["source"],
        offered=False,
        answers={one["key"]: ScreenerAnswer(**one) for one in content["answers"]},
        items=tuple(
            ScreenerItem(
                **one | {"answers": tuple(one["answers"]), "tripwire": tuple(one["tripwire"])}
            )
            for one in content["items"]
        ),
        bands=tuple(ScreenerBand(**one) for one in content["bands"]),
    )
