"""How often, and when, a receiver that does not take it is tried."""

from datetime import timedelta
from email.utils import format_datetime

import pytest

from generation.models import WebhookDelivery
from generation.webhooks.schedule import JITTER, PAUSES
from tests.generation.webhooks.conftest import Clock, send_due
from tests.receiver import Receiver

pytestmark = pytest.mark.usefixtures("waiting")


def delivery() -> WebhookDelivery:
    return WebhookDelivery.objects.get()


def test_it_works(receiver: Receiver, time: Clock) -> None:
    """All ten tries, and no more."""
    receiver.answers = [(500, {})] * 20
    pauses = []
    for _ in PAUSES:
        send_due()
        pauses.append(delivery().next_try_at - time.now)
        send_due()
        time.now = max(time.now, delivery().next_try_at)
    assert len(receiver.taken) == 10
    for planned, pause in zip(PAUSES[1:], pauses, strict=False):
        assert planned <= pause <= planned * (1 + JITTER)
    assert timedelta(days=3) <= sum(pauses[:-1], timedelta(0))
    assert (delivery().state, delivery().attempts, delivery().last_status) == ("failed", 10, 500)
    time.forward(timedelta(days=30))
    send_due()
    assert len(receiver.taken) == 10


def test_every_try_is_the_same_letter_anew_signed(receiver: Receiver, time: Clock) -> None:
    receiver.answers = [(503, {}), (503, {})]
    for _ in range(3):
        send_due()
        time.forward(timedelta(hours=1))
    assert len({(taken.id, taken.body) for taken in receiver.taken}) == 1
    assert len({taken.headers["webhook-timestamp"] for taken in receiver.taken}) == 3
    assert len({taken.headers["webhook-signature"] for taken in receiver.taken}) == 3
    assert (delivery().state, delivery().attempts) == ("delivered", 3)


def test_after_an_hour_of_outage_it_arrives(receiver: Receiver, time: Clock) -> None:
    end = time.now + timedelta(hours=1)
    while delivery().state == "waiting":
        if time.now < end:
            receiver.answers = [(502, {})]
        send_due()
        time.now = max(time.now, delivery().next_try_at)
    assert delivery().state == "delivered"


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_success_is_2xx(receiver: Receiver, status: int) -> None:
    receiver.answers = [(status, {})]
    send_due()
    assert (delivery().state, delivery().last_status) == ("delivered", status)


@pytest.mark.parametrize("status", [304, 400, 401, 404, 429, 500, 599])
def test_all_else_is_tried_again(receiver: Receiver, status: int) -> None:
    receiver.answers = [(status, {})]
    send_due()
    assert (delivery().state, delivery().last_status, delivery().attempts) == ("waiting", status, 1)


def test_gone_is_the_end(receiver: Receiver, time: Clock) -> None:
    receiver.answers = [(410, {})]
    send_due()
    assert (delivery().state, delivery().attempts) == ("failed", 1)
    time.forward(timedelta(days=3))
    send_due()
    assert len(receiver.taken) == 1


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("99999999", timedelta(days=1)),
        ("1", timedelta(seconds=5)),
        ("-7", timedelta(seconds=5)),
        ("soon", timedelta(seconds=5)),
        ("9" * 400, timedelta(seconds=5)),
    ],
)
def test_a_receiver_can_ask_for_time(receiver: Receiver, time: Clock, header: str, wait: timedelta) -> None:
    receiver.answers = [(429, {"Retry-After": header})]
    send_due()
    pause = delivery().next_try_at - time.now
    assert wait <= pause <= wait * (1 + JITTER)


def test_a_receiver_can_name_a_moment(receiver: Receiver, time: Clock) -> None:
    moment = (time.now + timedelta(hours=3)).replace(microsecond=0)
    receiver.answers = [(503, {"Retry-After": format_datetime(moment, usegmt=True)})]
    send_due()
    assert delivery().next_try_at == moment


def test_a_receiver_that_is_not_there(receiver: Receiver) -> None:
    receiver.shutdown()
    receiver.server_close()
    send_due()
    assert (delivery().state, delivery().last_status, delivery().last_error) == (
        "waiting",
        None,
        "unreachable",
    )
