import pytest

from generation.benchmark.summary import Spread, percentile, spread


def test_a_spread_is_the_median_and_the_quartiles() -> None:
    assert spread([5.0, 1.0, 3.0, 2.0, 4.0]) == Spread(3.0, 2.0, 4.0)
    assert spread([7.0]) == Spread(7.0, 7.0, 7.0)


@pytest.mark.parametrize(("percent", "value"), [(0, 1), (1, 1), (50, 50), (99, 99), (100, 100)])
def test_a_percentile_is_one_of_the_values(percent: float, value: float) -> None:
    assert percentile([float(number) for number in range(100, 0, -1)], percent) == value


@pytest.mark.parametrize("function", [spread, lambda values: percentile(values, 50)])
def test_nothing_cannot_be_summarised(function: object) -> None:
    with pytest.raises(ValueError, match="nothing"):
        function([])  # type: ignore[operator]
