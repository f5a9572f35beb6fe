"""What the database and the files say, when all is over."""

import json
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import psycopg

from tests.faults.houses import House
from tests.server import ROOT

READ = """
import json
import sqlite3
from django.core.management import call_command
from django.db.models import Count
from accounts.models import LedgerEntry, Quota
from generation.models import GeneratedImage, Generation
from generation.pictures.storage import pictures
print(json.dumps({
    "rows": {str(row.pk): [row.status, row.error_reason] for row in Generation.objects.all()},
    "images": {str(pk): count for pk, count in GeneratedImage.objects.values_list("generation").annotate(Count("pk"))},
    "missing": [image.file.name for image in GeneratedImage.objects.all() if not pictures().exists(image.file.name)],
    "ledger": [[entry.kind, str(entry.generation)] for entry in LedgerEntry.objects.exclude(generation=None)],
    "used": sum(Quota.objects.values_list("used", flat=True)),
    "unexplained": Quota.objects.unexplained().count(),
}))
"""
UNFINISHED = "SELECT count(*) FROM generation_generation WHERE status IN ('queued', 'running')"


@dataclass(frozen=True)
class Books:
    rows: dict[str, list[str]]
    images: dict[str, int]
    missing: list[str]
    ledger: list[list[str]]
    used: int
    unexplained: int

    @classmethod
    def of(cls, house: House) -> "Books":
        read = subprocess.run(
            [sys.executable, "manage.py", "shell", "--no-imports", "--command", READ],
            cwd=ROOT,
            env=house.environment,
            stdout=subprocess.PIPE,
            check=True,
        )
        return cls(**json.loads(read.stdout.splitlines()[-1]))

    @classmethod
    def at_rest(cls, house: House, seconds: float = 120) -> "Books":
        """Once nothing waits or runs any more."""
        deadline = time.monotonic() + seconds
        while unfinished(house):
            if time.monotonic() > deadline:
                raise AssertionError(f"Not all end: {cls.of(house).rows}\n{house.logs()}")
            house.mend()
            time.sleep(0.2)
        return cls.of(house)

    def lines(self, kind: str) -> list[str]:
        return [generation for line, generation in self.ledger if line == kind]

    def ended(self, status: str) -> set[str]:
        return {generation for generation, (of, _) in self.rows.items() if of == status}

    def check(self, accepted: dict[str, str]) -> None:
        """Every one that was accepted has ended, once; and the ledger equals what was delivered."""
        assert len(set(accepted.values())) == len(accepted)
        assert set(accepted.values()) <= set(self.rows)
        delivered = self.ended("succeeded")
        assert self.images == dict.fromkeys(delivered, 1)
        assert self.missing == []
        for kind, expected in (("reserve", set(self.rows)), ("settle", delivered)):
            assert sorted(self.lines(kind)) == sorted(expected), kind
        assert sorted(self.lines("refund")) == sorted(set(self.rows) - delivered)
        assert (self.used, self.unexplained) == (len(delivered), 0)


def summary(books: Books) -> dict[str, Any]:
    return {status: len(books.ended(status)) for status in ("succeeded", "failed", "canceled")}


def unfinished(house: House) -> int:
    """How many wait or run, asked without the service."""
    if url := house.environment.get("DATABASE_URL"):
        with psycopg.connect(url) as database:
            row = database.execute(UNFINISHED).fetchone()
    else:
        with closing(sqlite3.connect(house.folder / "db.sqlite3")) as file:
            row = file.execute(UNFINISHED).fetchone()
    assert row is not None
    return int(row[0])
