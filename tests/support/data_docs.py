"""Reading Data Docs as a browser would show them: which gates a page has, and which of them it shows red."""

import re
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser, LexborNode


def promises(site: Path, suite: str) -> dict[str, str]:
    """What the page of a suite says of each gate: its promise and its note."""
    page = _parsed(site / "expectations" / f"{suite}.html")
    return {code.text(): _text(_up(code, "li")) for code in page.css("li .note code") if "." in code.text()}


def results(site: Path, suite: str) -> dict[str, tuple[bool, str]]:
    """(whether it is red, what its row says) of each gate on the page of a suite's results."""
    (path,) = site.glob(f"validations/{suite}/*/*/*.html")
    found = {}
    for code in _parsed(path).css("td .note > code"):
        row = _up(code, "tr")
        status = {icon.attributes["class"].split()[1] for icon in row.css_first("td").css("i")}  # type: ignore[union-attr]
        assert len(status) == 1, status
        found[code.text()] = (status != {"fa-check-circle"}, _text(row))
    return found


def failing_rows(site: Path, suite: str, gate: str) -> list[dict[str, str]]:
    """The failing rows that are shown of a gate."""
    (path,) = site.glob(f"validations/{suite}/*/*/*.html")
    (code,) = [code for code in _parsed(path).css("td .note > code") if code.text() == gate]
    table = _up(code, "tr").css_first("table")
    if table is None:
        return []
    names = [_text(cell) for cell in table.css("th")]
    return [dict(zip(names, map(_text, cells), strict=True)) for row in table.css("tr") if (cells := row.css("td"))]


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def asked_of_others(page: Path) -> list[str]:
    """What a browser would fetch to show the page, or run in it: nothing, where all is well."""
    parsed = _parsed(page)
    fetched = [node.attributes.get("src") or node.attributes.get("href") or "" for node in parsed.css("script, img, iframe, link")]
    styles = " ".join(node.text() for node in parsed.css("style"))
    handlers = [name for node in parsed.css("*") for name in node.attributes if name.startswith("on")]
    named = [address for address in fetched if address != "data:,"]
    return [*named, *re.findall(r"@import|url\([^)]*\)", styles), *handlers, *(node.html or "" for node in parsed.css("script"))]


def broken_links(page: Path) -> list[str]:
    targets = [node.attributes.get("href") or "" for node in _parsed(page).css("a")]
    return [target for target in targets if not target.startswith("#") and not (page.parent / target).is_file()]


def shown(page: Path) -> str:
    return _text(_parsed(page).body)


def _parsed(page: Path) -> LexborHTMLParser:
    return LexborHTMLParser(page.read_text(encoding="utf-8"))


def _text(node: LexborNode | None) -> str:
    assert node is not None
    return " ".join(node.text().split())


def _up(node: LexborNode, tag: str) -> LexborNode:
    found = node.parent
    while found is not None and found.tag != tag:
        found = found.parent
    assert found is not None
    return found
