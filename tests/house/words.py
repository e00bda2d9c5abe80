"""Every sentence of the portal that must exist in Chinese, and the one command that collects them.

`python -m tests.house.words` brings the Chinese catalogue up to date: it adds what is new with
an empty translation, drops what nobody says any more, and guesses nothing.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

import wellbeing
from wellbeing.foundation.errors import DomainError
from wellbeing.organizations.rules import RowProblem

ROOT = Path(__file__).resolve().parents[2]
TRANSLATIONS = ROOT / "wellbeing" / "portal" / "translations"
CHINESE = TRANSLATIONS / "zh" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "lazy_ngettext": (1, 2)}


def written() -> Catalog:
    """Give the Chinese catalogue as it is committed."""
    with CHINESE.open("rb") as file:
        return read_po(file, locale="zh")


def spoken() -> Catalog:
    """Collect what templates, the portal's code and the rooms' refusals say, in English."""
    found = Catalog(project="Growing Toward the Light", charset="utf-8")
    for file, line, message, _comments, _context in _marked():
        found.add(message, locations=[(file, line)])
    for error in sorted(refusals(), key=lambda one: (one.__module__, one.__name__)):
        found.add(_sentence(error), locations=[(_file(error), 0)])
    for problem in RowProblem:
        found.add(problem.value, locations=[(_file(RowProblem), 0)])
    return found


def _marked() -> Iterator[tuple[str, int, str | tuple[str, ...], list[str], str | None]]:
    with (TRANSLATIONS / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    return extract_from_dir(ROOT, methods, options, keywords=KEYWORDS)


def refusals() -> set[type[DomainError]]:
    """Give every kind of refusal that any room knows; each is shown by its first line."""
    for module in pkgutil.walk_packages(wellbeing.__path__, "wellbeing."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return {error for error in _below(DomainError) if error.__module__.startswith("wellbeing.")}


def _below(error: type[DomainError]) -> set[type[DomainError]]:
    kinds = set(error.__subclasses__())
    return kinds.union(*(_below(kind) for kind in kinds))


def _sentence(error: type[DomainError]) -> str:
    return (error.__doc__ or "").strip().split("\n")[0]


def _file(owner: type) -> str:
    return f"{owner.__module__.replace('.', '/')}.py"


def sentences(message: Message) -> tuple[str, ...]:
    """Give the text of a message, the singular first where it counts."""
    return _texts(message.id)


def translations(message: Message) -> tuple[str, ...]:
    """Give what stands for it in the catalogue."""
    return _texts(message.string)


def _texts(one_or_more: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (one_or_more,) if isinstance(one_or_more, str) else tuple(one_or_more or ("",))


def main() -> int:
    """Write the catalogue anew and tell how many sentences still want a translation."""
    catalog = written()
    catalog.update(spoken(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.header_comment = "# 逐光成长：平台的中文。用词见 tests/house/test_words.py。"
    catalog.project, catalog.version = "Growing Toward the Light", "1"
    catalog.last_translator = catalog.language_team = "Growing Toward the Light"
    catalog.msgid_bugs_address = ""
    catalog.revision_date = datetime.now(UTC)
    with CHINESE.open("wb") as file:
        write_po(file, catalog, width=100, sort_output=True, include_lineno=False)
    missing = [message for message in catalog if message.id and not all(translations(message))]
    sys.stdout.write(f"{len(catalog)} sentences, {len(missing)} without a translation\n")
    for message in missing:
        sys.stdout.write(f"  {sentences(message)[0]!r}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
