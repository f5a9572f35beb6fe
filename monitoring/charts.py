"""Charts as numbers: where bars and lines of an SVG stand. A template draws them, and a table says the same."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

# Of the whole picture and of its margins, in units that scale with the page.
WIDTH, HEIGHT = 420, 170
LEFT, RIGHT, TOP, BOTTOM = 36, 4, 8, 20
PLOT_WIDTH, PLOT_HEIGHT = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
TICKS = 4
THOUSANDS = ((10**9, "G"), (10**6, "M"), (10**3, "k"))


def plain(value: float) -> str:
    return f"{value:.15g}"


class Point(Protocol):
    """What stands on the axis: `name` in the table, `label` below the chart."""

    @property
    def name(self) -> str: ...

    @property
    def label(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Axis:
    """One point in words, several of them, and how many of them a label is for."""

    one: str
    many: str
    labeled: int


DAYS = Axis("day", "days", labeled=7)


@dataclass(frozen=True, slots=True)
class Series:
    """What is drawn of each point, and written in `words`: `name` for people, `color` for the style sheet."""

    name: str
    color: str
    value: Callable[[Any], float | None]
    words: Callable[[float], str] = plain


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    color: str
    title: str


@dataclass(frozen=True, slots=True)
class Label:
    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`rows` has for each point its name and a text for every series."""

    key: str
    title: str
    description: str
    series: Sequence[Series]
    bars: list[Bar]
    lines: list[tuple[str, str]]
    ticks: list[Label]
    dates: list[Label]
    rows: list[tuple[str, list[str]]]
    axis: Axis
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    middle: int = (LEFT + WIDTH - RIGHT) // 2

    @property
    def empty(self) -> bool:
        """Whether it shows no value at all."""
        return not self.bars and not any(path for _, path in self.lines)


@dataclass(frozen=True, slots=True)
class Share:
    """A bar of a list: how long it is, of 100."""

    name: str
    number: int
    length: float


def stacked(
    key: str, title: str, points: Sequence[Point], series: Sequence[Series], axis: Axis = DAYS
) -> Chart:
    """A column for each point, its series one on the other."""
    top = ceiling(max((sum(each.value(point) or 0 for each in series) for point in points), default=0))
    step = PLOT_WIDTH / max(1, len(points))
    bars = []
    for place, point in enumerate(points):
        y = float(TOP + PLOT_HEIGHT)
        for each in series:
            value = each.value(point) or 0
            height = PLOT_HEIGHT * value / top
            y -= height
            if value:
                name = f"{point.name}: {each.words(value)} {each.name}"
                bars.append(
                    Bar(_r(LEFT + place * step + 1), _r(y), _r(step - 2), _r(height), each.color, name)
                )
    return _chart(key, title, points, series, axis, top, bars=bars)


def lines(
    key: str, title: str, points: Sequence[Point], series: Sequence[Series], axis: Axis = DAYS
) -> Chart:
    """A line for each series; where a point has no value the line is broken, and a value alone is a dot."""
    top = ceiling(max((each.value(point) or 0 for each in series for point in points), default=0))
    step = PLOT_WIDTH / max(1, len(points))
    drawn = []
    for each in series:
        path, pen = [], "M"
        for place, point in enumerate(points):
            value = each.value(point)
            if value is None:
                pen = "M"
                continue
            x, y = _r(LEFT + (place + 0.5) * step), _r(TOP + PLOT_HEIGHT * (1 - value / top))
            path.append(f"{pen}{x} {y}" + ("h0" if pen == "M" else ""))
            pen = "L"
        drawn.append((each.color, "".join(path)))
    return _chart(key, title, points, series, axis, top, paths=drawn)


def shares(numbers: Sequence[tuple[str, int]]) -> list[Share]:
    most = max((number for _, number in numbers), default=0)
    return [Share(name, number, _r(100 * number / most)) for name, number in numbers]


def ceiling(most: float) -> float:
    """The end of the scale: one, two, four or five times a power of ten, so that its quarters are read easily."""
    if most <= 0:
        return TICKS
    power = 10.0 ** math.floor(math.log10(most))
    return next(power * factor for factor in (1, 2, 4, 5, 10) if power * factor >= most)


def short(value: float) -> str:
    """As it fits beside an axis: 5000 is that, 20000 is 20k."""
    size, letter = next((each for each in THOUSANDS if value >= 10 * each[0]), (1, ""))
    return f"{value / size:g}{letter}"


def _chart(
    key: str,
    title: str,
    points: Sequence[Point],
    series: Sequence[Series],
    axis: Axis,
    top: float,
    bars: list[Bar] | None = None,
    paths: list[tuple[str, str]] | None = None,
) -> Chart:
    step = PLOT_WIDTH / max(1, len(points))
    sums = ", ".join(
        f"{each.name} up to {each.words(max((each.value(point) or 0 for point in points), default=0))}"
        for each in series
    )
    return Chart(
        key=key,
        title=title,
        description=f"{len(points)} {axis.many}: {sums} a {axis.one}.",
        series=series,
        bars=bars or [],
        lines=paths or [],
        ticks=[
            Label(LEFT, _r(TOP + PLOT_HEIGHT * (1 - tick / TICKS)), short(top * tick / TICKS))
            for tick in range(TICKS + 1)
        ],
        dates=[
            Label(_r(LEFT + (place + 0.5) * step), HEIGHT - 6, point.label)
            for place, point in enumerate(points)
            if (len(points) - 1 - place) % axis.labeled == 0
        ],
        rows=[(point.name, [_text(each, point) for each in series]) for point in reversed(points)],
        axis=axis,
    )


def _text(series: Series, point: Point) -> str:
    value = series.value(point)
    return "" if value is None else series.words(value)


def _r(value: float) -> float:
    return round(value, 2)
