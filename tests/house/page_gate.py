"""The gate every page passes: strict HTML, labels, names, no inline code, axe. No tests here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import html5lib  # type: ignore[import-untyped]
from html5lib.constants import E as MEANINGS  # type: ignore[import-untyped]
from playwright.sync_api import Page

AXE = Path(__file__).parent / "vendor" / "axe-4.14.1" / "axe.min.js"
AXE_TAGS = ("wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice")
UNLABELLED_TYPES = frozenset({"hidden", "submit", "button", "reset", "image"})
RESOURCE_ATTRIBUTES = ("src", "srcset", "poster", "data", "action", "formaction")
REFERENCES = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "list")

Check = Callable[[ET.Element], Iterator[str]]


def check_html(html: str, *, url: str, csrf: bool = True) -> None:
    """Refuse a whole page with any fault; `csrf` says that POST forms must carry their token.

    Raises:
        AssertionError: with every fault of the page, one a line.
    """
    root, faults = _parse(html, fragment=False)
    _refuse([*faults, *_run(root, (*DOCUMENT_CHECKS, *CHECKS), csrf=csrf)], url=url)


def check_fragment(html: str, *, url: str, csrf: bool = True) -> None:
    """Refuse a fragment (an htmx answer, a poll) with any fault that needs no page around it.

    Raises:
        AssertionError: with every fault of the fragment, one a line.
    """
    root, faults = _parse(html, fragment=True)
    _refuse([*faults, *_run(root, CHECKS, csrf=csrf)], url=url)


def check_axe(page: Page, *, url: str) -> None:
    """Refuse a page shown in a browser in which axe finds any violation.

    Raises:
        AssertionError: naming rule, help and the elements of each violation.
    """
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result: dict[str, Any] = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", list(AXE_TAGS)
    )
    if not result["passes"]:
        raise AssertionError(f"{url}\n  axe looked at nothing")
    _refuse([_axe_fault(violation) for violation in result["violations"]], url=url)


def _axe_fault(violation: dict[str, Any]) -> str:
    nodes = "; ".join(
        f"{' '.join(map(str, node['target']))} ({node['failureSummary'].splitlines()[-1].strip()})"
        for node in violation["nodes"]
    )
    return f"axe {violation['id']} [{violation['impact']}]: {violation['help']}: {nodes}"


def _refuse(faults: list[str], *, url: str) -> None:
    if faults:
        raise AssertionError("\n  ".join([f"{url}: {len(faults)} fault(s)", *faults]))


def _parse(html: str, *, fragment: bool) -> tuple[ET.Element, list[str]]:
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False)
    root = parser.parseFragment(html) if fragment else parser.parse(html)
    faults = [
        f"line {line}: {MEANINGS[code] % details}" for (line, _), code, details in parser.errors
    ]
    return root, faults


def _run(root: ET.Element, checks: tuple[Check, ...], *, csrf: bool) -> list[str]:
    faults = [fault for check in checks for fault in check(root)]
    return [*faults, *_unprotected_forms(root)] if csrf else faults


def _elements(root: ET.Element) -> Iterator[ET.Element]:
    return (element for element in root.iter() if isinstance(element.tag, str))


def _show(element: ET.Element) -> str:
    marks = "".join(
        f' {name}="{element.get(name)}"' for name in ("id", "name") if element.get(name)
    )
    return f"<{element.tag}{marks}>"


def _text(element: ET.Element) -> str:
    images = [image.get("alt", "") for image in element.iter("img")]
    return "".join([*element.itertext(), *images]).strip()


def _has_name(element: ET.Element) -> bool:
    given = (element.get("aria-label", ""), element.get("aria-labelledby", ""), _text(element))
    return any(words.strip() for words in given)


def _language_and_title(root: ET.Element) -> Iterator[str]:
    if not root.get("lang"):
        yield "<html> has no lang"
    title = root.find("head/title")
    if title is None or not _text(title):
        yield "the page has no title"


def _one_main_heading(root: ET.Element) -> Iterator[str]:
    headings = [heading for heading in root.iter("h1") if _text(heading)]
    if len(headings) != 1:
        yield f"{len(headings)} <h1> with words instead of one"


def _ids(root: ET.Element) -> Iterator[str]:
    counted = Counter(element.get("id") for element in _elements(root))
    for identifier, times in counted.items():
        if identifier is not None and times > 1:
            yield f'id "{identifier}" stands {times} times'


def _references(root: ET.Element) -> Iterator[str]:
    known = {element.get("id") for element in _elements(root)}
    for element in _elements(root):
        for attribute in REFERENCES:
            for identifier in element.get(attribute, "").split():
                if identifier not in known:
                    yield f'{_show(element)} {attribute} names "{identifier}", which is not there'


def _labels(root: ET.Element) -> Iterator[str]:
    labelled = {label.get("for") for label in root.iter("label") if _text(label)}
    wrapped = {id(inner) for label in root.iter("label") if _text(label) for inner in label.iter()}
    for element in _elements(root):
        if element.tag not in {"input", "select", "textarea"}:
            continue
        if element.tag == "input" and element.get("type", "text") in UNLABELLED_TYPES:
            continue
        by_label = element.get("id") in labelled if element.get("id") else id(element) in wrapped
        if not (by_label or id(element) in wrapped or _has_aria_name(element)):
            yield f"{_show(element)} has no label"


def _has_aria_name(element: ET.Element) -> bool:
    return bool(element.get("aria-label", "").strip() or element.get("aria-labelledby"))


def _names(root: ET.Element) -> Iterator[str]:
    for element in _elements(root):
        if element.tag in {"button", "summary"} and not _has_name(element):
            yield f"{_show(element)} has no name"
        if element.tag == "a" and element.get("href") is not None and not _has_name(element):
            yield f'<a href="{element.get("href")}"> has no name'
        is_button = element.tag == "input" and element.get("type") in {"submit", "button", "reset"}
        if is_button and not (element.get("value") or _has_aria_name(element)):
            yield f"{_show(element)} has no name"


def _images(root: ET.Element) -> Iterator[str]:
    for image in root.iter("img"):
        if image.get("alt") is None:
            yield f'<img src="{image.get("src")}"> has no alt'


def _tables(root: ET.Element) -> Iterator[str]:
    for table in root.iter("table"):
        caption = table.find("caption")
        if caption is None or not _text(caption):
            yield f"{_show(table)} has no caption"
        for heading in table.iter("th"):
            if heading.get("scope") not in {"col", "row", "colgroup", "rowgroup"}:
                yield f"<th> {_text(heading)!r} has no scope"


def _inline_code(root: ET.Element) -> Iterator[str]:
    for element in _elements(root):
        if element.tag == "style":
            yield "<style> in the page"
        if element.tag == "script" and (not element.get("src") or (element.text or "").strip()):
            yield "<script> in the page"
        for name, value in element.attrib.items():
            if name == "style":
                yield f"{_show(element)} has a style attribute"
            if name.startswith(("on", "hx-on")):
                yield f"{_show(element)} has the handler {name}"
            if value.strip().lower().startswith(("javascript:", "js:")):
                yield f"{_show(element)} {name} holds code"


def _outside_resources(root: ET.Element) -> Iterator[str]:
    for element in _elements(root):
        attributes = (
            (*RESOURCE_ATTRIBUTES, "href") if element.tag == "link" else RESOURCE_ATTRIBUTES
        )
        for attribute in attributes:
            address = element.get(attribute, "")
            if urlsplit(address.strip()).netloc or "://" in address:
                yield f"{_show(element)} {attribute} leads outside: {address}"


def _unprotected_forms(root: ET.Element) -> Iterator[str]:
    for form in root.iter("form"):
        if form.get("method", "get").lower() != "post":
            continue
        tokens = [field for field in form.iter("input") if field.get("name") == "csrf_token"]
        if not any(token.get("value") and token.get("type") == "hidden" for token in tokens):
            yield f'POST form to "{form.get("action")}" has no csrf_token'


DOCUMENT_CHECKS: tuple[Check, ...] = (_language_and_title, _one_main_heading, _references)
CHECKS: tuple[Check, ...] = (
    _ids,
    _labels,
    _names,
    _images,
    _tables,
    _inline_code,
    _outside_resources,
)
