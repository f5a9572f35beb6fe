"""What people read is in the catalogues of the other languages, whole and compiled."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest

from tests import programs

ROOT = Path(__file__).parents[2]
CATALOGUES = sorted((ROOT / "sdsite/locale").rglob("*.po"))
SOURCES = ("manage.py", "accounts", "generation", "monitoring", "sdsite", "templates")
UNREAD = shutil.ignore_patterns("__pycache__", "weights", "migrations")
# What is filled in, and what makes an element of a page.
FIXED = re.compile(r"\{\w*\}|%\(\w+\)s|%%|</?\w+[^>]*>")

by_name = pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def gathered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project in which all that is marked was gathered anew."""
    if shutil.which("xgettext") is None:
        programs.missing("gettext is not installed")
    copy = tmp_path_factory.mktemp("copy")
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=UNREAD)
        else:
            shutil.copy(source, copy)
    command = [
        sys.executable,
        "manage.py",
        "makemessages",
        "--settings",
        "sdsite.settings",
        "--verbosity",
        "0",
    ]
    subprocess.run(command, cwd=copy, check=True)
    return copy


def marked(path: Path) -> set[tuple[str, str]]:
    return {(entry.msgid, entry.msgid_plural) for entry in polib.pofile(str(path))}


def said(entry: polib.POEntry) -> Iterator[tuple[str, str]]:
    """What stands in the source, and what is said in its place."""
    if not entry.msgid_plural:
        yield entry.msgid, entry.msgstr
    for form, text in entry.msgstr_plural.items():
        yield (entry.msgid if form == 0 else entry.msgid_plural), text


@by_name
def test_all_that_is_marked_is_there_and_nothing_else(gathered: Path, path: Path) -> None:
    assert marked(path) == marked(gathered / path.relative_to(ROOT))


@by_name
def test_each_is_translated_by_somebody(path: Path) -> None:
    catalogue = polib.pofile(str(path))
    assert len(catalogue) > 0
    assert [entry.msgid for entry in catalogue if entry.fuzzy or not entry.translated()] == []


@by_name
def test_what_is_filled_in_is_the_same(path: Path) -> None:
    for entry in polib.pofile(str(path)):
        for source, text in said(entry):
            assert sorted(FIXED.findall(text)) == sorted(FIXED.findall(source)), entry.msgid


@by_name
def test_it_is_compiled(path: Path) -> None:
    compiled = polib.mofile(str(path.with_suffix(".mo")))
    catalogue = polib.pofile(str(path))
    assert {entry.msgid: list(said(entry)) for entry in compiled} == {
        entry.msgid: list(said(entry)) for entry in catalogue
    }
    assert compiled.metadata["Plural-Forms"] == catalogue.metadata["Plural-Forms"]
