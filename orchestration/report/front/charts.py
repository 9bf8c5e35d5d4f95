"""The charts of the front page, drawn by pygal as SVG that stands in the page itself.

Here: what is drawn, and how pygal's picture is made part of a page. Not here: colours, fonts, light and dark (`page.css`), and
which numbers (`facts`). Of pygal's picture its own styles, script, names and tooltip boxes are taken out: the page has one
stylesheet, runs no script, and two renderings of one version are equal.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as ET

import pygal
from markupsafe import Markup

from orchestration.report.front.facts import Pair, QualityDay
from orchestration.report.front.wording import tick

WIDTH, HEIGHT, LOW = 340, 200, 120
"""Of a chart's own units: as wide as a phone, so that its letters keep their size there."""

VERDICTS = ("consistent", "stale", "suspect")


def rates_chart(pair: Pair) -> Markup:
    """The reference rate of each day as a line, and the medians of what articles imply as dots, a series for each verdict."""
    days = [day for day, _ in pair.reference] + [day for points in pair.implied.values() for day, _ in points]
    ticks = _ticks(min(days), max(days))
    chart = pygal.XY(
        **_common(HEIGHT),
        dots_size=2.4,
        x_labels=[day.toordinal() for day in ticks],
        x_value_formatter=lambda x: _short(dt.date.fromordinal(round(x))),
        value_formatter=tick,
        xrange=(min(days).toordinal(), max(max(days).toordinal(), min(days).toordinal() + 1)),
        max_scale=5,
    )
    chart.add("reference", [(day.toordinal(), value) for day, value in pair.reference], show_dots=False)
    for verdict in VERDICTS:
        points: list[Any] = [
            {"value": (day.toordinal(), value), "label": f"{verdict} conversions"} for day, value in pair.implied.get(verdict, ())
        ]
        chart.add(verdict, points, stroke=False)
    said = ", ".join(f"{pair.verdicts.get(verdict, 0)} {verdict}" for verdict in VERDICTS)
    return _inline(chart, f"{pair.pair}: implied against reference rate, {min(days)} to {max(days)}; conversions: {said}")


def quality_chart(days: Sequence[QualityDay], what: str, name: str) -> Markup:
    """A bar for each day on which something was published; `what`: the field of QualityDay."""
    chart = pygal.Bar(
        **_common(LOW),
        x_labels=[_short(day.day) for day in days],
        x_labels_major_count=min(4, len(days)),
        show_minor_x_labels=False,
        value_formatter=lambda value: f"{value:,.0f}",
        max_scale=3,
        min_scale=1,
        range=(0, max(1, *(getattr(day, what) for day in days))),
    )
    chart.add(name, [{"value": getattr(day, what), "label": str(day.day)} for day in days])
    total = sum(getattr(day, what) for day in days)
    return _inline(chart, f"{name} a day, {days[0].day} to {days[-1].day}: {total:,} in all")


def _common(height: int) -> dict[str, Any]:
    return {
        "width": WIDTH,
        "height": height,
        "js": [],
        "css": [],
        "show_legend": False,
        "margin": 6,
        "margin_right": 14,
        "spacing": 6,
        "truncate_label": -1,
        "print_values": False,
        "no_data_text": "",
    }


def _short(day: dt.date) -> str:
    return f"{day.month}/{day.day}"


def _ticks(first: dt.date, last: dt.date) -> list[dt.date]:
    """At most five days, evenly."""
    span = (last - first).days
    count = min(4, span)
    return [first + dt.timedelta(days=round(span * n / count)) for n in range(count + 1)] if count else [first]


def _inline(chart: Any, said: str) -> Markup:
    svg: ET.Element = chart.render_tree()
    for parent in list(svg.iter()):
        texts = {child.get("class"): child.text or "" for child in parent if child.tag == "desc"}
        for child in list(parent):
            is_box = "tooltip-overlay" in child.get("class", "") or "text-overlay" in child.get("class", "")
            is_name = child.tag == "title" and (parent is svg or parent.get("class") == "guides")
            if is_box or is_name or not isinstance(child.tag, str) or child.tag in ("defs", "desc"):
                parent.remove(child)
        if texts:  # what a pointer that rests on a dot is told
            ET.SubElement(parent, "title").text = f"{texts.get('label', '')} {texts.get('value', '')}".strip()
    svg.attrib = {"viewBox": svg.attrib["viewBox"], "class": "chart", "role": "img", "aria-label": said}
    return Markup(ET.tostring(svg, encoding="unicode"))
