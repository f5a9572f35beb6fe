import random

from generation.picturebook.captions import (
    COLOUR_WORDS,
    PLACE_WORDS,
    THING_WORDS,
    TIME_WORDS,
    Request,
    leave_out,
    plain_caption,
    word_caption,
)
from generation.picturebook.world import COLOURS, PLACES, THINGS, TIMES, TRAINED, Scene

WORDS = (COLOUR_WORDS, THING_WORDS, PLACE_WORDS, TIME_WORDS)


def test_the_plain_wording() -> None:
    assert plain_caption(Scene("red", "house", "snow", "night")) == "a red house in the snow at night"
    assert plain_caption(Scene("orange", "boat", "sea", "day")) == "an orange boat on the sea by day"


def test_there_are_words_for_everything() -> None:
    for words, values in zip(WORDS, (COLOURS, THINGS, PLACES, TIMES), strict=True):
        assert set(words) == set(values)


def test_a_wording_says_what_is_asked_for() -> None:
    rng = random.Random(0)
    for _ in range(500):
        scene = rng.choice(TRAINED)
        caption = word_caption(Request(*scene), rng)
        said = set(caption.replace(",", " ").strip(".!").split())
        for words, part in zip(WORDS, scene, strict=True):
            assert any(said.issuperset(word.split()) for word in words[part]), caption


def test_parts_are_left_out_now_and_then() -> None:
    rng = random.Random(0)
    requests = [leave_out(TRAINED[0], rng) for _ in range(500)]
    for part, said in enumerate(TRAINED[0]):
        assert {request[part] for request in requests} == {said, None}


def test_nothing_asked_for_is_still_a_caption() -> None:
    rng = random.Random(0)
    captions = {word_caption(Request(None, None, None, None), rng) for _ in range(50)}
    assert "" in captions
