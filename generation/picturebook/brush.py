"""A pen with its own coordinates: things are drawn around (0, 0), wherever they stand in the picture."""

from dataclasses import dataclass, field

from PIL import Image, ImageDraw

Colour = tuple[int, int, int]
Point = tuple[float, float]


def blend(first: Colour, second: Colour, share: float) -> Colour:
    """The colour `share` (0-1) of the way from `first` to `second`."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


@dataclass
class Brush:
    """Draws on `image` in units of picture pixels, moved to `origin` and scaled.

    The image is `oversample` times larger than the picture, so that reducing it smooths the edges.
    """

    image: Image.Image
    oversample: int
    origin: Point = (0.0, 0.0)
    scale: float = 1.0
    _draw: ImageDraw.ImageDraw = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._draw = ImageDraw.Draw(self.image)

    def _place(self, point: Point) -> Point:
        x, y = (start + way * self.scale for start, way in zip(self.origin, point, strict=True))
        return x * self.oversample, y * self.oversample

    def _width(self, width: float) -> int:
        return max(1, round(width * self.scale * self.oversample))

    def _box(self, centre: Point, rx: float, ry: float) -> list[float]:
        x, y = self._place(centre)
        rx, ry = rx * self.scale * self.oversample, ry * self.scale * self.oversample
        return [x - rx, y - ry, x + rx, y + ry]

    def ellipse(self, centre: Point, rx: float, ry: float, fill: Colour, edge: Colour | None = None) -> None:
        if edge is not None:
            self._draw.ellipse(self._box(centre, rx + 0.8, ry + 0.8), fill=edge)
            rx, ry = rx - 0.8, ry - 0.8
        self._draw.ellipse(self._box(centre, rx, ry), fill=fill)

    def polygon(self, points: list[Point], fill: Colour, edge: Colour | None = None) -> None:
        placed = [self._place(point) for point in points]
        self._draw.polygon(placed, fill=fill)
        if edge is not None:
            self._draw.line([*placed, placed[0], placed[1]], fill=edge, width=self._width(1.6), joint="curve")

    def box(
        self, left: float, top: float, right: float, bottom: float, fill: Colour, edge: Colour | None = None
    ) -> None:
        self.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], fill, edge)

    def line(self, points: list[Point], fill: Colour, width: float) -> None:
        self._draw.line(
            [self._place(point) for point in points], fill=fill, width=self._width(width), joint="curve"
        )
