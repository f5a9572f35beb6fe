"""How people ask for a scene: many wordings, any order, any part left out."""

import random
from typing import NamedTuple

from generation.picturebook.world import COLOURS, PLACES, THINGS, TIMES, Scene

COLOUR_WORDS: dict[str, tuple[str, ...]] = {
    "red": ("red", "crimson", "scarlet", "bright red"),
    "orange": ("orange", "bright orange"),
    "yellow": ("yellow", "golden", "gold"),
    "green": ("green", "emerald", "dark green"),
    "blue": ("blue", "bright blue", "dark blue"),
    "purple": ("purple", "violet", "lilac"),
    "pink": ("pink", "rose", "rosy", "light pink"),
    "brown": ("brown", "chocolate", "wooden brown"),
    "white": ("white", "snow white", "pure white"),
    "black": ("black", "jet black", "pitch black"),
}
THING_WORDS: dict[str, tuple[str, ...]] = {
    "house": ("house", "home", "cottage", "hut", "houses"),
    "tree": ("tree", "oak", "trees", "apple tree"),
    "boat": ("boat", "ship", "sailboat", "sailing boat"),
    "balloon": ("balloon", "hot air balloon", "hot-air balloon", "balloons"),
    "car": ("car", "automobile", "cars", "auto"),
    "castle": ("castle", "palace", "fortress", "castles"),
    "flower": ("flower", "blossom", "daisy", "flowers"),
    "fish": ("fish", "big fish", "goldfish"),
}
PLACE_WORDS: dict[str, tuple[str, ...]] = {
    "hill": (
        "on a green hill", "on a hill", "on the green hill", "on the grass", "in the green hills",
        "in the meadow",
        "on a grassy hill", "in a green field", "green hill", "hill", "green hills", "meadow", "on the hill",
    ),
    "snow": (
        "in the snow", "on the snow", "in a snowy land", "snow", "in winter", "winter", "snowy",
        "in the snowy mountains",
        "in deep snow", "covered in snow", "white snow", "on white snow",
    ),
    "desert": (
        "in the desert", "in a desert", "desert", "on the sand", "in the sand", "in the sandy desert",
        "among the dunes",
        "sand dunes", "in the yellow desert", "hot desert",
    ),
    "sea": (
        "on the sea", "at sea", "sea", "in the sea", "by the sea", "in the ocean", "on the ocean", "ocean",
        "on the water",
        "on the blue sea", "blue sea", "at the seaside",
    ),
}  # fmt: skip
TIME_WORDS: dict[str, tuple[str, ...]] = {
    "day": (
        "by day", "during the day", "at noon", "day", "daytime", "in the daytime", "on a sunny day",
        "in daylight",
        "in the sunshine", "sunny", "in the morning", "at day", "under a blue sky",
    ),
    "sunset": (
        "at sunset", "at dusk", "sunset", "dusk", "in the evening", "at sundown", "evening", "during sunset",
        "in the evening light", "under an orange sky", "at sunrise", "at dawn",
    ),
    "night": (
        "at night", "night", "by night", "at midnight", "under the stars", "in the moonlight",
        "by moonlight", "midnight",
        "in the dark night", "under a starry sky", "starry night", "under the moon",
    ),
}  # fmt: skip
OPENINGS = (
    "a picture of", "a painting of", "a drawing of", "an illustration of", "a photo of", "draw",
    "please draw me", "i want",
    "a storybook picture of", "there is", "show me", "paint", "once upon a time there was",
)  # fmt: skip
SIZES = (
    "big",
    "small",
    "little",
    "tiny",
    "large",
    "beautiful",
    "old",
    "lovely",
    "lonely",
    "pretty",
    "cute",
    "magic",
)
ENDINGS = (
    "highly detailed", "masterpiece", "best quality", "4k", "for children", "storybook style", "please",
    "cartoon",
    "soft light", "trending", "in the style of a children's book", "beautiful", "8k wallpaper", "watercolor",
)  # fmt: skip


class Request(NamedTuple):
    """What a caption says; None where it leaves the choice to the model."""

    colour: str | None
    thing: str | None
    place: str | None
    time: str | None


VALUES: tuple[tuple[str, ...], ...] = (tuple(COLOURS), THINGS, PLACES, TIMES)


def plain_caption(scene: Scene) -> str:
    """The simplest full wording: "a red house in the snow at night"."""
    article = "an" if scene.colour == "orange" else "a"
    place = PLACE_WORDS[scene.place][0]
    return f"{article} {scene.colour} {scene.thing} {place} {TIME_WORDS[scene.time][0]}"


def leave_out(scene: Scene, rng: random.Random) -> Request:
    """Some of the scene's parts, most often all of them."""
    said = [rng.random() > chance for chance in (0.1, 0.06, 0.12, 0.14)]
    return Request(*(part if keep else None for part, keep in zip(scene, said, strict=True)))


def word_caption(request: Request, rng: random.Random) -> str:
    """One of the many ways to ask for `request`."""
    subject = _word_subject(request, rng)
    tail = [
        rng.choice(words[part])
        for words, part in ((PLACE_WORDS, request.place), (TIME_WORDS, request.time))
        if part
    ]
    if rng.random() < 0.35:
        tail.reverse()
    parts = [subject, *tail] if subject else tail
    if rng.random() < 0.12:
        rng.shuffle(parts)
    if rng.random() < 0.12:
        parts.append(rng.choice(ENDINGS))
    caption = rng.choice((" ", " ", ", ")).join(parts)
    return _dress(caption, rng)


def _word_subject(request: Request, rng: random.Random) -> str:
    words = [rng.choice(SIZES)] if rng.random() < 0.15 else []
    if request.colour:
        words.append(_often_first(COLOUR_WORDS[request.colour], rng))
    if not request.thing:
        return " ".join([*words, "something"]) if words else ""
    thing = _often_first(THING_WORDS[request.thing], rng)
    if request.colour and rng.random() < 0.08:
        return f"the {thing} is {words[-1]}"
    article = rng.choice(("a", "a", "the", "", "one", "my"))
    return " ".join(filter(None, [article, *words, thing]))


def _often_first(words: tuple[str, ...], rng: random.Random) -> str:
    return words[0] if rng.random() < 0.6 else rng.choice(words)


def _dress(caption: str, rng: random.Random) -> str:
    if rng.random() < 0.15:
        caption = f"{rng.choice(OPENINGS)} {caption}"
    if rng.random() < 0.12:
        caption = _scatter(caption, rng)
    return caption + rng.choice(("", "", "", ".", "!"))


def _scatter(caption: str, rng: random.Random) -> str:
    """Put a made-up word somewhere, so that unknown words learn to mean nothing."""
    words = caption.split(" ")
    stranger = "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randint(2, 9)))
    words.insert(rng.randint(0, len(words)), stranger)
    return " ".join(words)
