"""A server that is killed while events come in credits each payment once, when Stripe delivers them again."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests import stripe_server
from tests.accounts.payments.conftest import WEBHOOK
from tests.accounts.payments.test_events import STORIES
from tests.server import ROOT, free_port, manage
from tests.stripe_server import KEY, SECRET, Node, StripeServer, signature

KILLS = 4
BUY = """
from accounts.models import User
from accounts.payments import checkout
for number in range({buyers}):
    buyer = User.objects.create_user(f"{{number:02}}@example.com")
    checkout.begin(buyer, 500, "A book", "http://127.0.0.1/")
"""
# What each buyer has, and how many purchases were credited.
FACTS = """
from django.core.management import call_command
from accounts.models import LedgerEntry, User
call_command("verify_ledger")
print([user.quota.balance if hasattr(user, "quota") else 0 for user in User.objects.order_by("email")])
print(LedgerEntry.objects.filter(kind="purchase").count())
"""


class MortalServer:
    """gunicorn without an engine. `kill` leaves it no time for anything; then it is started anew."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder, self.environment = folder, os.environ | environment
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        (folder / "gunicorn_plain.py").touch()
        self.start()

    def start(self) -> None:
        options = ["--config", str(self.folder / "gunicorn_plain.py"), "--bind", f"127.0.0.1:{self.port}"]
        workers = ["--worker-class", "gthread", "--threads", "8"]
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", *options, *workers, "sdsite.wsgi"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def running(folder: Path, stripe: StripeServer) -> Iterator[MortalServer]:
    environment = {
        "DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "sdsite.settings",
        "STRIPE_SECRET_KEY": KEY,
        "STRIPE_WEBHOOK_SECRET": SECRET,
        "STRIPE_API_BASE": stripe.base,
        "CREDIT_PRICE": "2.5",
        "CURRENCY": "eur",
    }
    manage(environment, "migrate", "--verbosity", "0")
    server = MortalServer(folder, environment)
    try:
        yield server
    finally:
        server.kill()


def deliver(server: MortalServer, event: Node) -> None:
    """As Stripe does: until it is taken."""
    body = json.dumps(event).encode()
    while True:
        headers = {"Stripe-Signature": signature(body), "Content-Type": "application/json"}
        try:
            if requests.post(server.url + WEBHOOK, body, headers=headers, timeout=10).status_code == 200:
                return
        except requests.RequestException:
            time.sleep(0.05)


def shell(server: MortalServer, script: str) -> list[str]:
    """What a script prints that runs on the server's data."""
    command = [sys.executable, "manage.py", "shell", "--no-imports", "--command", script]
    run = subprocess.run(
        command, cwd=ROOT, env=server.environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return run.stdout.splitlines()


@pytest.mark.slow
def test_it_works(tmp_path: Path) -> None:
    chance = random.Random(2026)
    ways = 2 * STORIES
    with stripe_server.running() as stripe, running(tmp_path, stripe) as server:
        shell(server, BUY.format(buyers=len(ways)))
        sessions = sorted(stripe.sessions.values(), key=lambda session: str(session["customer_email"]))
        stories = zip(ways, sessions, strict=True)
        deliveries = 3 * [event for (story, _, _), session in stories for event in story(stripe, session)]
        chance.shuffle(deliveries)
        with ThreadPoolExecutor(4) as pool:
            delivering = [pool.submit(deliver, server, event) for event in deliveries]
            for kill in range(1, KILLS + 1):
                while sum(task.done() for task in delivering) < kill * len(deliveries) // (KILLS + 1):
                    time.sleep(0.001)
                time.sleep(chance.uniform(0, 0.03))
                server.kill()
                server.start()
        assert all(task.result() is None for task in delivering)
        verified, balances, purchases = shell(server, FACTS)
    assert "The ledger adds up" in verified
    assert json.loads(balances) == [left for _, left, _ in ways]
    assert int(purchases) == 14
    log = (tmp_path / "server.log").read_text()
    for secret in (KEY, SECRET, "Traceback"):
        assert secret not in log
