"""A bar chart as SVG: groups of bars, one bar a contender."""

from collections.abc import Mapping, Sequence
from html import escape

COLOURS = ("#9aa5b1", "#6b7c93", "#d9a441", "#2f80c3", "#174a73", "#57a773")
WIDTH, HEIGHT = 760, 400
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 96, 40
GAP = 0.25
LEGEND_COLUMNS = 2


def bar_chart(
    title: str, unit: str, groups: Sequence[str], bars: Mapping[str, Sequence[float | None]]
) -> str:
    """An SVG picture with a value for each group in each of `bars`; None leaves a gap.

    Raises `ValueError` where there is nothing to show, or the lengths differ.
    """
    values = [value for series in bars.values() for value in series if value is not None]
    if not values or any(len(series) != len(groups) for series in bars.values()):
        raise ValueError("Every series must have a value, or None, for each group.")
    top = _round_up(max(values))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">',
        '<rect width="100%" height="100%" fill="white"/>',
        _text(LEFT, 20, f"{title}, {unit}", size=14),
        *_axis(top),
        *_legend(list(bars)),
        *_groups(groups, list(bars.values()), top),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _round_up(value: float) -> float:
    """The next of 1, 2, 5, 10, … times a power of ten."""
    power = 1e-6
    while True:
        for factor in (1, 2, 5):
            if factor * power >= value:
                return factor * power
        power *= 10


def _axis(top: float) -> list[str]:
    lines = []
    for quarter in range(5):
        y = _y(quarter / 4)
        lines.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="#ddd"/>')
        lines.append(_text(LEFT - 6, y + 4, f"{top * quarter / 4:.3g}", anchor="end"))
    return lines


def _legend(names: list[str]) -> list[str]:
    parts = []
    for index, name in enumerate(names):
        column, row = index % LEGEND_COLUMNS, index // LEGEND_COLUMNS
        x, y = LEFT + column * (WIDTH - LEFT - RIGHT) / LEGEND_COLUMNS, 40 + 16 * row
        parts.append(f'<rect x="{x:.1f}" y="{y - 9}" width="10" height="10" fill="{_colour(index)}"/>')
        parts.append(_text(x + 14, y, name))
    return parts


def _groups(groups: Sequence[str], series: list[Sequence[float | None]], top: float) -> list[str]:
    parts = []
    span = (WIDTH - LEFT - RIGHT) / len(groups)
    width = span * (1 - GAP) / len(series)
    for group, name in enumerate(groups):
        start = LEFT + group * span + span * GAP / 2
        parts.append(_text(LEFT + (group + 0.5) * span, HEIGHT - BOTTOM + 18, name, anchor="middle"))
        for index, values in enumerate(series):
            if (value := values[group]) is not None:
                parts += _bar(start + index * width, width, value, top, _colour(index))
    return parts


def _bar(x: float, width: float, value: float, top: float, colour: str) -> list[str]:
    y = _y(value / top)
    height = HEIGHT - BOTTOM - y
    return [
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>',
        _text(x + width / 2, y - 3, f"{value:.3g}", anchor="middle", size=9),
    ]


def _y(share: float) -> float:
    return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)


def _colour(index: int) -> str:
    return COLOURS[index % len(COLOURS)]


def _text(x: float, y: float, text: str, *, anchor: str = "start", size: int = 12) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">{escape(text)}</text>'
