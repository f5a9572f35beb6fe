"""The thread that delivers: at once, side by side, and nothing twice when it is killed."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest

from accounts.models import User
from generation.models import WebhookDelivery
from generation.webhooks.postman import AT_ONCE_FOR_ONE, Postman
from sdsite.logs import TrailFilter
from tests.generation.webhooks.conftest import Hooked, start, succeed
from tests.receiver import Receiver
from tests.server import ROOT, manage

pytestmark = pytest.mark.django_db(transaction=True)


def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = monotonic() + seconds
    while not condition():
        assert monotonic() < deadline
        sleep(0.01)


@pytest.fixture
def postman(db: None) -> Iterator[Postman]:
    postman = Postman(poll=60)
    postman.start()
    yield postman
    postman.stop()


@pytest.mark.usefixtures("postman")
def test_it_works(hooked: Hooked, receiver: Receiver) -> None:
    """Woken by the commit, not by the clock."""
    succeed(hooked(receiver.url))
    until(lambda: [delivery.state for delivery in WebhookDelivery.objects.all()] == ["delivered"])


def test_what_another_process_wrote_is_found(hooked: Hooked, receiver: Receiver) -> None:
    succeed(hooked(receiver.url))
    WebhookDelivery.objects.update(next_try_at=WebhookDelivery.objects.get().created_at)
    postman = Postman(poll=0.1)
    postman.start()
    until(lambda: len(receiver.taken) == 1)
    postman.stop()
    assert WebhookDelivery.objects.get().state == "delivered"


@pytest.mark.usefixtures("postman")
def test_a_receiver_that_hangs_holds_up_nobody_else(hooked: Hooked, receiver: Receiver, bob: User) -> None:
    held = receiver.url.replace("/hooks", "/held")
    for _ in range(AT_ONCE_FOR_ONE + 4):
        succeed(hooked(held, ("generation.succeeded",)))
    until(lambda: len(receiver.taken) == AT_ONCE_FOR_ONE)
    succeed(hooked(receiver.url, user=bob))
    until(lambda: WebhookDelivery.objects.filter(user=bob, state="delivered").exists(), seconds=5)
    assert len(receiver.taken) == AT_ONCE_FOR_ONE + 1
    receiver.go.set()
    until(lambda: not WebhookDelivery.objects.exclude(state="delivered").exists())


def test_a_stop_waits_for_what_is_on_its_way(hooked: Hooked, receiver: Receiver) -> None:
    postman = Postman()
    postman.start()
    succeed(hooked(receiver.url))
    until(lambda: len(receiver.taken) == 1)
    postman.stop()
    assert WebhookDelivery.objects.get().state == "delivered"


@pytest.mark.usefixtures("postman")
def test_one_that_breaks_is_a_try_as_well(
    hooked: Hooked, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("generation.webhooks.letters.write", break_)
    succeed(hooked(receiver.url))
    until(lambda: WebhookDelivery.objects.get().attempts == 1)
    assert (WebhookDelivery.objects.get().last_error, receiver.connections) == ("internal_error", 0)


@pytest.mark.usefixtures("postman")
def test_its_lines_in_the_log_name_request_and_generation(
    hooked: Hooked, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    caplog.handler.addFilter(TrailFilter())
    receiver.answers += [(204, {}), (410, {})]
    generation = hooked(receiver.url, ("generation.started", "generation.succeeded"))
    start(generation)
    succeed(generation)
    until(lambda: sum("webhook delivery" in line for line in caplog.messages) == 2)
    named = [vars(record) for record in caplog.records if "webhook delivery" in record.message]
    assert {line["levelname"] for line in named} == {"INFO", "WARNING"}
    assert {line["trail"] for line in named} == {f"request-1 {generation.id}"}
    assert {line["user_id"] for line in named} == {str(generation.user_id)}


def test_one_that_was_never_started_stops() -> None:
    Postman().stop()


ACCEPT = """
from accounts.models import User
from generation.models import Generation, Hook, Origin, Picture
from generation.params import GenerationParams, SchedulerName
params = GenerationParams(prompt="a boat", width=64, height=64, num_inference_steps=2, guidance_scale=1.0,
    scheduler=SchedulerName.DDIM, seed=1)
hook = Hook("{url}", ("generation.succeeded",), "https://pictures.example/")
alice = User.objects.create_user("alice@example.com")
done = Generation.objects.submit(alice, params, model="tiny", cost=1, origin=Origin("r", webhook=hook))
done.succeed([Picture(0, 1, b"first")])
"""
DELIVER = """
from time import sleep
from generation.models import WebhookDelivery
from generation.webhooks.postman import Postman
postman = Postman(poll=0.1)
postman.start()
while WebhookDelivery.objects.filter(state="waiting").exists():
    sleep(0.05)
postman.stop()
"""
# The lease of one who died would end in a minute.
EXPIRE = """
from django.utils import timezone
from generation.models import WebhookDelivery
WebhookDelivery.objects.update(next_try_at=timezone.now())
"""


@pytest.mark.slow
def test_a_kill_between_sending_and_noting(receiver: Receiver, tmp_path: Path) -> None:
    environment = {
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "sdsite.settings",
        "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
    }
    shell = ["shell", "--no-imports", "--command"]
    manage(environment, "migrate", "--verbosity", "0")
    manage(environment, *shell, ACCEPT.format(url=receiver.url.replace("/hooks", "/held")))
    killed = subprocess.Popen(
        [sys.executable, "manage.py", *shell, DELIVER], cwd=ROOT, env=os.environ | environment
    )
    until(lambda: len(receiver.taken) == 1, seconds=60)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    receiver.go.set()
    manage(environment, *shell, EXPIRE)
    manage(environment, *shell, DELIVER)
    assert len(receiver.taken) == 2
    assert len({(taken.id, taken.body) for taken in receiver.taken}) == 1
