"""A web process of the many-machine form needs fewer packages: those in requirements-web.txt, and no others."""

import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions

from tests.server import ROOT

# Imported where they happen to be there, by packages that can do without.
OPTIONAL = {"jinja2", "markupsafe", "opentelemetry-api", "pygments", "setuptools"}
IMPORTED = (
    "import sys; from sdsite.wsgi import application; from django.urls import get_resolver; "
    "get_resolver().url_patterns; import gunicorn.app.wsgiapp, psycopg_pool; "
    "import generation.pictures.bucket, generation.work.serving; "
    "print(*{name.partition('.')[0] for name in sys.modules})"
)


def pins(name: str) -> dict[str, str]:
    """The versions of a list of packages."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if "==" in line)


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def closure(names: set[str]) -> set[str]:
    """The packages, and what they need in turn, extras of theirs included."""
    known: set[str] = set()
    while names:
        known |= names
        names = {need for name in names for need in needs(name)} - known
    return known


def needs(name: str) -> set[str]:
    try:
        required = distribution(name).requires or []
    except PackageNotFoundError:
        return set()
    return {plain(re.split(r"[^\w.-]", line)[0]) for line in required}


def test_it_is_a_part_of_the_whole_list_in_the_same_versions() -> None:
    assert pins("requirements-web.txt").items() < pins("requirements.txt").items()


def test_it_is_all_that_a_web_process_imports() -> None:
    run = subprocess.run(
        [sys.executable, "-c", IMPORTED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    installed = packages_distributions()
    imported = {plain(name) for module in run.stdout.split() for name in installed.get(module, [])}
    listed = closure({plain(name.partition("[")[0]) for name in pins("requirements-web.txt")})
    assert imported - listed <= OPTIONAL
    assert not listed & {"torch", "diffusers", "transformers", "openvino"}
