from xml.etree import ElementTree

import pytest

from generation.benchmark.chart import HEIGHT, WIDTH, bar_chart

NAME = "{http://www.w3.org/2000/svg}"


def test_there_is_a_bar_for_each_value_inside_the_picture() -> None:
    picture = ElementTree.fromstring(
        bar_chart("Mix A", "images/s", ["1", "16"], {"a < b": [1.0, None], "ours": [3.0, 30.0]})
    )
    bars = [bar for bar in picture.iter(f"{NAME}rect") if bar.get("x")][2:]
    assert len(bars) == 3
    for bar in bars:
        x, y, width, height = (float(bar.get(name, "")) for name in ("x", "y", "width", "height"))
        assert x >= 0
        assert y >= 0
        assert x + width <= WIDTH
        assert y + height <= HEIGHT
    heights = [float(bar.get("height", "")) for bar in bars]
    assert heights[2] == pytest.approx(10 * heights[1], abs=0.5)
    assert "a < b" in [text.text for text in picture.iter(f"{NAME}text")]


@pytest.mark.parametrize("bars", [{}, {"a": [None]}, {"a": [1.0, 2.0]}])
def test_what_cannot_be_shown_is_refused(bars: dict[str, list[float | None]]) -> None:
    with pytest.raises(ValueError, match="each group"):
        bar_chart("", "", ["1"], bars)
