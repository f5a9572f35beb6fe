from dataclasses import replace
from pathlib import Path

import pytest
import torch

from generation.picturebook import course as courses
from generation.picturebook.course import Course


class Interrupted(Exception):
    pass


def learn(course: Course, stop_at: int | None = None) -> torch.nn.Linear:
    """Teach a line to double its input; `stop_at` interrupts it there."""
    torch.manual_seed(course.seed)
    module = torch.nn.Linear(4, 4)

    def loss_of(step: int, generator: torch.Generator) -> torch.Tensor:
        if step == stop_at:
            raise Interrupted
        batch = torch.randn(8, 4, generator=generator)
        return (module(batch) - 2 * batch).square().mean()

    course.run(module, loss_of)
    return module


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.setattr(courses, "CHECKPOINT_EVERY", 10)
    return Course("line", 120, 0.05, seed=1, folder=tmp_path / "one", warm_up=5, average=0.9)


def test_it_learns(course: Course) -> None:
    module = learn(course)
    assert torch.allclose(module.weight, 2 * torch.eye(4), atol=0.1)
    assert not module.training


def test_an_interrupted_course_ends_as_if_nothing_had_happened(course: Course, tmp_path: Path) -> None:
    whole = learn(course)
    other = replace(course, folder=tmp_path / "two")
    with pytest.raises(Interrupted):
        learn(other, stop_at=37)
    assert torch.equal(learn(other).weight, whole.weight)


def test_a_finished_course_is_not_taken_again(course: Course) -> None:
    assert torch.equal(learn(course).weight, learn(course, stop_at=0).weight)


def test_the_rate_rises_and_falls(course: Course) -> None:
    rates = [course.rate(step) for step in range(course.steps)]
    assert rates[0] == 1 / 5
    assert max(rates) == 1
    assert rates[-1] < 0.01
