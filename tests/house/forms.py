"""The forms of a page as a browser would send them untouched. No tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from xml.etree import ElementTree as ET

import html5lib  # type: ignore[import-untyped]

from wellbeing.foundation import clock

SKIPPED = {"hidden", "submit", "button", "file"}


@dataclass
class Form:
    """A form as a browser would send it untouched, and what of it somebody can fill in."""

    action: str
    values: dict[str, str] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    chosen: dict[str, str] = field(default_factory=dict)
    """What nobody types but the page itself offers or hides: by name, the kind of the field."""
    is_filled: bool = False

    @property
    def version(self) -> str | None:
        """Name the field that says which version was seen."""
        return next((name for name in self.values if name.endswith("version")), None)

    def typed(self, words: str) -> dict[str, str]:
        """Give what a window sends that writes these words into every text area."""
        return self.values | dict.fromkeys(self.words, words)


def forms(page: str) -> Iterator[Form]:
    """Read the POST forms of a page."""
    root = html5lib.parse(page, namespaceHTMLElements=False)
    for element in root.iter("form"):
        if element.get("method", "get").lower() == "post":
            yield _form(element)


def _form(element: ET.Element) -> Form:
    found = Form(action=element.get("action", "").split("#")[0].split("?")[0])
    for one in element.iter():
        name = one.get("name")
        if not name or name == "csrf_token":
            continue
        if one.tag == "textarea":
            found.words.append(name)
            found.values[name] = one.text or ""
            found.is_filled |= bool((one.text or "").strip())
        elif one.tag == "select":
            found.chosen[name] = "select"
            _choose(found, name, one)
        elif one.tag == "input":
            _input(found, name, one)
    return found


def _choose(found: Form, name: str, element: ET.Element) -> None:
    options = list(element.iter("option"))
    chosen = [one for one in options if one.get("selected") is not None]
    usable = [one for one in options if one.get("value")]
    # Of what was never chosen, the first real choice.
    wanted = (chosen or usable or options)[:1]
    if wanted:
        found.values[name] = wanted[0].get("value", "") or (usable or wanted)[0].get("value", "")
    found.is_filled |= bool(chosen and chosen[0] is not options[0])


def _input(found: Form, name: str, element: ET.Element) -> None:
    kind, value = element.get("type", "text"), element.get("value", "")
    if kind in {"hidden", "radio", "checkbox"}:
        found.chosen[name] = kind
    is_checked = element.get("checked") is not None
    if kind in {"radio", "checkbox"}:
        found.is_filled |= is_checked
        # Of radios the first that is not chosen yet, so that the save changes something.
        if is_checked and kind == "checkbox":
            found.values[name] = value
        elif kind == "radio" and not is_checked:
            found.values.setdefault(name, value)
    elif kind == "date":
        # A day that must be chosen anew at each save, such as the next review.
        found.values[name] = value or (clock.now() + timedelta(days=30)).date().isoformat()
    else:
        found.values[name] = value
        found.is_filled |= kind not in SKIPPED and bool(value)
