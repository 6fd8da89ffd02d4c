"""Charts as SVG that stands in a page: drawn by attributes alone, so no page has to allow styles or scripts for them.

A chart shows at a glance what a table beside it says; whoever cannot see it reads the table.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import leather  # type: ignore[import-untyped]

from db.board import UnitProgress
from plan.types import Level
from text.catalogue import phrase, term
from text.clean import line

INK = {Level.RED: "#b42318", Level.ORANGE: "#b54708", Level.YELLOW: "#8a6100", Level.BLUE: "#175cd3"}
"""The colours of lines on white, each as the lamps of the pages have it."""
SHOWN = tuple(INK)
DONE, GONE = "#0b5cad", "#8c959f"
WIDTH, ROW, LONGEST_NAME = 640, 48, 8
for _part in ("title", "legend", "axis_title", "tick"):
    setattr(leather.theme, f"{_part}_font_family", "sans-serif")
leather.theme.background_color = "#ffffff"


def trend_chart(weeks: Sequence[tuple[date, Mapping[Level, int]]]) -> str:
    """How many open periods stood under which lamp, week by week; the mildest colours are left to the table.

    Args:
        weeks: days in the office's zone, the earliest first, at least one; how many under each lamp.
    """
    chart = leather.Chart()
    for level in SHOWN:
        series = [(place, counts[level]) for place, (_, counts) in enumerate(weeks)]
        chart.add_line(series, name=term(level), stroke_color=INK[level])
    most = max(max(counts[level] for level in SHOWN) for _, counts in weeks)
    chart.add_y_scale(0, max(most, 1))
    chart.add_x_scale(0, max(len(weeks) - 1, 1))
    ticks = list(range(0, len(weeks), 3))
    chart.add_x_axis(ticks, lambda place, *_: f"{weeks[place][0]:%m-%d}")
    chart.add_y_axis(tick_formatter=lambda count, *_: f"{count:g}" if count == int(count) else "")
    return _in_page(chart.to_svg(width=WIDTH, height=260), WIDTH, 260)


def progress_chart(units: Sequence[UnitProgress]) -> str:
    """How far the work of units is beside how much of its time is gone.

    Args:
        units: at least one, shown from above in this order.
    """
    rows = []
    for place, one in enumerate(units, 1):
        # A name that was cut may be another's, too, and a scale of names has each once.
        name = f"{place} {line(one.unit, LONGEST_NAME)}"
        rows += [
            (one.percent, f"{name} {phrase('web.chart.done')}"),
            (one.elapsed, f"{name} {phrase('web.chart.gone')}"),
        ]
    chart = leather.Chart()
    chart.add_bars(rows, fill_color=lambda bar: GONE if bar.i % 2 else DONE)
    chart.add_x_scale(0, 100)
    chart.add_x_axis([0, 25, 50, 75, 100], lambda percent, *_: f"{percent}%")
    height = 90 + ROW * len(units)
    return _in_page(chart.to_svg(width=WIDTH, height=height), WIDTH, height)


def _in_page(svg: str, width: int, height: int) -> str:
    """As wide as the page, and silent: the table beside it speaks."""
    fixed = f'<svg width="{width}" height="{height}"'
    assert svg.startswith(fixed)
    return svg.replace(fixed, f'<svg viewBox="0 0 {width} {height}" aria-hidden="true" focusable="false"', 1)
