"""Charts as SVG that stands in a page: drawn by attributes alone, so no page has to allow styles or scripts for them.

A chart shows at a glance what a table beside it says; whoever cannot see it reads the table.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from html import escape

import leather  # type: ignore[import-untyped]

from db.board import UnitProgress
from db.timeline import PlannedSpan
from plan.types import Level
from text.catalogue import phrase, term
from text.clean import line

INK = {Level.RED: "#b42318", Level.ORANGE: "#b54708", Level.YELLOW: "#8a6100", Level.BLUE: "#175cd3"}
"""The colours of lines on white, each as the lamps of the pages have it."""
SHOWN = tuple(INK)
DONE, GONE = "#0b5cad", "#8c959f"
WIDTH, ROW, LONGEST_NAME = 640, 48, 8
WIDTH_OF_TIMELINE = 720
LABEL, LINE, AXIS = 232, 18, 26
"""Of the timeline: the width of its names, the height of a row and of the axis above."""
ROWS_A_PIECE = 26
"""Of which a page of paper takes two: no drawing is cut in two by its end."""
MOST_SIGNS = 12
AHEAD = timedelta(days=120)
QUIET, OVER, TODAY = "#0b5cad", "#4a7c59", "#a40e26"
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


def timeline_charts(rows: Sequence[PlannedSpan], today: date) -> list[str]:
    """The plan in time, a bar for each row: solid as far as the work is, pale beyond, a sign at each limit ahead.

    Args:
        rows: at least one, shown from above in this order.
        today: a day in the office's zone; what goes on for good ends some months after it.

    Returns:
        Drawings that each fit a page, all with the same axis.
    """
    first = min(one.begins_on for one in rows).replace(day=1)
    last = max(
        [today + AHEAD, *(one.ends_on for one in rows if one.ends_on), *(day for one in rows for day in one.limits)]
    )
    span = (last - first).days

    def place(day: date) -> float:
        return round(LABEL + (WIDTH_OF_TIMELINE - LABEL - 6) * min(max((day - first).days, 0), span) / span, 1)

    # Alike in length: a last one of two rows would look forgotten.
    length = math.ceil(len(rows) / math.ceil(len(rows) / ROWS_A_PIECE))
    pieces = [rows[start : start + length] for start in range(0, len(rows), length)]
    return [_piece(piece, place, first, last, today) for piece in pieces]


def _piece(rows: Sequence[PlannedSpan], place: Callable[[date], float], first: date, last: date, today: date) -> str:
    height = AXIS + LINE * len(rows) + 4
    drawn = [f'<rect width="{WIDTH_OF_TIMELINE}" height="{height}" fill="#ffffff"/>']
    for number in range(1, len(rows), 2):
        top = AXIS + LINE * number
        drawn.append(f'<rect y="{top}" width="{WIDTH_OF_TIMELINE}" height="{LINE}" fill="#f6f8fa"/>')
    drawn += _axis(place, first, last, height)
    for number, row in enumerate(rows):
        drawn += _bar(row, place, last, today, AXIS + LINE * number)
    x = place(today)
    drawn.append(f'<line x1="{x}" x2="{x}" y1="{AXIS - 8}" y2="{height}" stroke="{TODAY}" stroke-width="1.2"/>')
    drawn.append(f'<text x="{x + 3}" y="9" font-size="10" fill="{TODAY}">{today:%m-%d}</text>')
    svg = f'<svg width="{WIDTH_OF_TIMELINE}" height="{height}" font-family="sans-serif">{"".join(drawn)}</svg>'
    return _in_page(svg, WIDTH_OF_TIMELINE, height)


def _axis(place: Callable[[date], float], first: date, last: date, height: int) -> Iterator[str]:
    """A line at the beginning of each month, with its name where there is room: of each, of quarters, or of years."""
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    step = next((one for one in (1, 2, 3, 6, 12) if months <= 14 * one), 24)
    for number in range(0, months):
        year, month = divmod(first.year * 12 + first.month - 1 + number, 12)
        day = date(year, month + 1, 1)
        x = place(day)
        if month % step or x > WIDTH_OF_TIMELINE - 24:
            continue
        yield f'<line x1="{x}" x2="{x}" y1="{AXIS - 6}" y2="{height}" stroke="#d0d7de" stroke-width="0.7"/>'
        name = f"{day.year}年" if month == 0 else f"{day.month}月"
        yield f'<text x="{x + 2}" y="{AXIS - 8}" font-size="10" fill="#57606a">{name}</text>'


def _bar(row: PlannedSpan, place: Callable[[date], float], last: date, today: date, top: int) -> Iterator[str]:
    ink = OVER if row.done else INK.get(row.lamp, QUIET)
    start, end = place(row.begins_on), place(row.ends_on or last)
    width = max(end - start, 2)
    name = escape(line(f"{row.code} {row.title}", 18))
    yield f'<text x="2" y="{top + 13}" font-size="11" fill="#1f2328">{name}</text>'
    yield f'<rect x="{start}" y="{top + 5}" width="{width:.1f}" height="8" rx="2" fill="{ink}" fill-opacity="0.22"/>'
    share = 100 if row.done else row.percent or 0
    if share:
        yield f'<rect x="{start}" y="{top + 5}" width="{width * share / 100:.1f}" height="8" rx="2" fill="{ink}"/>'
    if row.ends_on is None:
        tip = f"{end},{top + 9} {end - 7},{top + 4} {end - 7},{top + 14}"
        yield f'<polygon points="{tip}" fill="{ink}" fill-opacity="0.6"/>'
    for day in row.limits[:MOST_SIGNS]:
        x, y = place(day), top + 9
        points = f"{x - 4},{y} {x},{y - 4} {x + 4},{y} {x},{y + 4}"
        filled = INK[Level.RED] if day < today else "#ffffff"
        yield f'<polygon points="{points}" fill="{filled}" stroke="{ink}" stroke-width="1.2"/>'


def _in_page(svg: str, width: int, height: int) -> str:
    """As wide as the page, and silent: the table beside it speaks."""
    fixed = f'<svg width="{width}" height="{height}"'
    assert svg.startswith(fixed)
    return svg.replace(fixed, f'<svg viewBox="0 0 {width} {height}" aria-hidden="true" focusable="false"', 1)
