"""Every sentence spoken or texted, looked up by key and language and filled with its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from wellbeing.policy.shapes.words import Language, PolicyError


def placeholders(*, text: str) -> frozenset[str]:
    """Name the `{placeholders}` of a prompt.

    Raises:
        ValueError: a brace is unbalanced, or a placeholder is more than a plain name.

    """
    found = set()
    for _, name, spec, conversion in Formatter().parse(text):
        if name is None:
            continue
        if not name.isidentifier() or spec or conversion:
            raise ValueError(f"{{{name}}} is not a plain name")
        found.add(name)
    return frozenset(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompts:
    """Every sentence spoken or texted, by language and key."""

    texts: Mapping[Language, Mapping[str, str]]

    def text(self, *, key: str, language: Language, **values: object) -> str:
        """Fill a prompt; a value that the prompt does not name is ignored.

        Raises:
            PolicyError: the key is unknown or a value is missing.

        """
        template = self.texts[language].get(key)
        if template is None:
            raise PolicyError(f"prompts/{language}.toml: {key}: no such prompt")
        missing = sorted(placeholders(text=template) - values.keys())
        if missing:
            raise PolicyError(f"prompts/{language}.toml: {key}: no value for {', '.join(missing)}")
        return template.format_map(values)
