"""How long the admin's pages and a request's admission take in a large database, and how many queries."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any
from uuid import uuid4

from django.contrib import admin
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuthToken, Quota, User
from generation.models import Generation

PRINT = "from generation.benchmark.staff import print_pages; print_pages({repetitions})"


def measure(root: Path, users: int, generations: int, repetitions: int) -> dict[str, Any]:
    """Fill a database of its own, and open every page of the admin in it. Times in seconds."""
    with TemporaryDirectory(prefix="benchmark-") as folder:
        environment = os.environ | {"DATA_DIR": folder, "LOG_LEVEL": "WARNING"}
        manage = [sys.executable, str(root / "manage.py")]
        for arguments in (
            ["migrate", "--verbosity", "0"],
            ["populate", f"--users={users}", f"--generations={generations}"],
        ):
            subprocess.run([*manage, *arguments], env=environment, check=True, stdout=subprocess.DEVNULL)
        command = PRINT.format(repetitions=repetitions)
        printed = subprocess.run(
            [*manage, "shell", "--no-imports", "--command", command],
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
        ).stdout
    return {"users": users, "generations": generations, "pages": json.loads(printed)}


def print_pages(repetitions: int) -> None:
    """A list of name, median seconds and queries of each page, as JSON."""
    staff = User.objects.create_superuser("staff@example.com")
    client = Client(SERVER_NAME="localhost")
    client.force_login(staff)
    pages = [_measured(name, partial(_open, client, path), repetitions) for name, path in _pages()]
    pages.append(_measured("a token and its credits", _admission(), 20 * repetitions))
    print(json.dumps(pages))  # noqa: T201


def _measured(name: str, task: Callable[[], None], repetitions: int) -> dict[str, Any]:
    task()
    seconds = [_timed(task) for _ in range(repetitions)]
    with CaptureQueriesContext(connection) as queries:
        task()
    asked = [
        query
        for query in queries.captured_queries
        if query["sql"] not in ("BEGIN", "BEGIN IMMEDIATE", "COMMIT")
    ]
    return {"page": name, "seconds": median(seconds), "queries": len(asked)}


def _timed(task: Callable[[], None]) -> float:
    started = perf_counter()
    task()
    return perf_counter() - started


def _open(client: Client, path: str) -> None:
    answer = client.get(path)
    if answer.status_code != 200:
        raise AssertionError(f"{path} answered {answer.status_code}.")


def _admission() -> Callable[[], None]:
    """What every request that draws pays for: its token is found, and its credits are taken, as in one transaction."""
    user = User.objects.filter(quota__balance__gt=0).latest("quota__balance")
    _, secret = AuthToken.objects.give(user, "Benchmark")

    def admit() -> None:
        with transaction.atomic():
            Quota.objects.reserve(AuthToken.objects.redeem(secret).user, 1, generation=uuid4())

    return admit


def _pages() -> Iterator[tuple[str, str]]:
    """The first page, every list, some of them searched and filtered, and what a user and a generation have."""
    busiest = Generation.objects.order_by("created_at").values_list("user_id", flat=True).first()
    yield "index", reverse("admin:index")
    for model, page in admin.site._registry.items():
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        address = reverse(f"admin:{name}_changelist")
        plural = str(model._meta.verbose_name_plural)
        yield plural, address
        if page.search_fields:
            yield f"{plural}, searched", f"{address}?q=person77"
        newest = model._default_manager.order_by("-pk").first()
        if newest is not None:
            yield f"{model._meta.verbose_name}", reverse(f"admin:{name}_change", args=[newest.pk])
    generations = reverse("admin:generation_generation_changelist")
    yield "generations, failed", f"{generations}?status__exact=failed"
    yield "generations, page 50", f"{generations}?p=50"
    yield "a user who draws", reverse("admin:accounts_user_change", args=[busiest])
