"""Examples in Markdown: what is run, what it answers, and how far an answer is told.

`…` stands for what differs each time: in a string for any characters, as a value for any value, and alone at the end
of an object or a list, or on a line, for whatever else is there.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUN = {"sh": ["bash"], "python": [sys.executable]}
ANSWERS = ("json", "text")
ELIDED = re.compile(r'("(?:[^"\\]|\\.)*")|(:\s*)…|…(?=\s*\})|…')
VARIABLES = ".variables"
SECONDS = 60


@dataclass(frozen=True, slots=True)
class Example:
    page: Path
    line: int
    language: str
    code: str
    kind: str
    answer: str


def examples(page: Path) -> Iterator[Example]:
    text = page.read_text(encoding="utf-8")
    blocks = [*BLOCK.finditer(text), None]
    for block, after in pairwise(blocks):
        if block and block[1] in RUN:
            kind, answer = after.groups() if after and after[1] in ANSWERS else ("", "")
            yield Example(page, text.count("\n", 0, block.start()) + 1, block[1], block[2], kind, answer)


def run(example: Example, folder: Path, address: str) -> list[str]:
    """Run it in a folder where the variables of those before it are kept; in what it does not answer as told."""
    local = example.code.replace("http://127.0.0.1:8000", address)
    script = folder / f"example.{example.language}"
    script.write_text(local if example.language == "python" else f"{local}\nexport -p >{VARIABLES}\n")
    line = f"set -aeo pipefail; . ./{VARIABLES}; "
    line += f". ./{script.name}" if example.language == "sh" else f"exec {sys.executable} {script.name}"
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", line], cwd=folder, env={"PATH": path}, capture_output=True, text=True, timeout=SECONDS
    )
    if done.returncode:
        return [f"ended with {done.returncode}: {done.stderr[-500:]}{done.stdout[-500:]}"]
    return list(compared(example, done.stdout.replace(address, "http://127.0.0.1:8000")))


def compared(example: Example, output: str) -> Iterator[str]:
    if example.kind == "json":
        yield from differences(parsed(example.answer), json.loads(output))
    elif example.kind == "text" and not pattern(example.answer.strip()).fullmatch(output.strip()):
        yield f"not as told: {output[:2000]}"


def parsed(answer: str) -> Any:
    """JSON in which something is left out."""

    def spelt(found: re.Match[str]) -> str:
        if found[1]:
            return found[1]
        if found[2]:
            return f'{found[2]}"…"'
        is_member = answer[found.end() :].lstrip().startswith("}")
        return '"…": "…"' if is_member else '"…"'

    return json.loads(ELIDED.sub(spelt, answer))


def pattern(told: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, told.split("…"))), re.DOTALL)


def differences(told: Any, real: Any, at: str = "") -> Iterator[str]:
    """Where a real answer is not as it is told."""
    if isinstance(told, str) and "…" in told:
        if told != "…" and not (isinstance(real, str) and pattern(told).fullmatch(real)):
            yield f"{at}: {real!r}"
    elif isinstance(told, dict) and isinstance(real, dict):
        names = told.keys() - {"…"}
        if not (names <= real.keys() if "…" in told else names == real.keys()):
            yield f"{at}: has {sorted(real)}"
        for name in names & real.keys():
            yield from differences(told[name], real[name], f"{at}.{name}")
    elif isinstance(told, list) and isinstance(real, list):
        known = told[:-1] if told and told[-1] == "…" else told
        if len(known) != len(real) and known is told:
            yield f"{at}: has {len(real)} values"
        for index, (one, other) in enumerate(zip(known, real, strict=False)):
            yield from differences(one, other, f"{at}[{index}]")
    elif told != real or type(told) is not type(real):
        yield f"{at}: {real!r}"
