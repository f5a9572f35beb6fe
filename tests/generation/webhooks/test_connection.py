"""A receiver that is not what it should be: too slow, too talkative, somebody else, or pointing elsewhere."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import pytest
from pytest_django import Settings

from generation.webhooks import connection
from generation.webhooks.connection import Answer, NotDelivered, post
from tests import receiver as receivers
from tests.certificates import certify
from tests.receiver import Receiver

Talk = Callable[[socket.socket], None]


@contextmanager
def talking(talk: Talk) -> Iterator[str]:
    """A server that says whatever it wants to the first who comes."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            caller, _ = server.accept()
            with caller:
                try:
                    caller.recv(2**16)
                    talk(caller)
                except OSError:
                    pass

        Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


def drip(caller: socket.socket) -> None:
    caller.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(1000):
        caller.sendall(f"X-{number}: x\r\n".encode())
        sleep(0.05)


def flood(caller: socket.socket) -> None:
    caller.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        caller.sendall(b"X-Line: " + b"x" * 1000 + b"\r\n")


def reason(url: str) -> str:
    with pytest.raises(NotDelivered) as why:
        post(url, b"{}", {})
    return why.value.reason


def test_it_works(receiver: Receiver) -> None:
    receiver.answers = [(202, {"Retry-After": "7"})]
    assert post(receiver.url, b"{}", {"webhook-id": "msg_1"}) == Answer(202, "7")
    assert receiver.taken[0].headers["host"] == f"127.0.0.1:{receiver.server_port}"


def test_a_redirection_is_not_followed(receiver: Receiver) -> None:
    for status in (301, 302, 303, 307, 308):
        receiver.answers = [(status, {"Location": receiver.url + "/there"})]
        assert post(receiver.url, b"{}", {}).status == status
    assert {taken.path for taken in receiver.taken} == {"/hooks"}


@pytest.mark.parametrize(
    ("talk", "why"),
    [
        (drip, "timeout"),
        (lambda caller: sleep(2), "timeout"),
        (lambda caller: caller.close(), "unreachable"),
        (lambda caller: caller.sendall(b"220 mail.example ESMTP\r\n"), "no_http"),
        (flood, "no_http"),
    ],
    ids=["drips", "says nothing", "hangs up", "is no web server", "floods"],
)
def test_it_is_over_in_time(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, talk: Talk, why: str
) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = [ip_network("127.0.0.0/8")]
    monkeypatch.setattr(connection, "TRY_SECONDS", 0.5)
    with talking(talk) as url:
        start = monotonic()
        assert reason(url) == why
        assert monotonic() - start < 1.5


def test_a_slow_resolver_is_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generation.webhooks.addresses.getaddrinfo", lambda *_, **__: sleep(2))
    monkeypatch.setattr(connection, "TRY_SECONDS", 0.2)
    assert reason("https://hooks.example/") == "timeout"


def test_a_name_that_there_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object, **__: object) -> None:
        raise socket.gaierror("Name or service not known")

    monkeypatch.setattr("generation.webhooks.addresses.getaddrinfo", none)
    assert reason("https://hooks.example/") == "unreachable"


@pytest.fixture
def secure(tmp_path: Path, settings: Settings, resolver: Callable[..., list[str]]) -> Iterator[Receiver]:
    """A server that proves to be hooks.example, which this machine is for the test."""
    settings.WEBHOOK_ALLOWED_NETWORKS = [ip_network("127.0.0.0/8")]
    resolver(["127.0.0.1"])
    _, context = certify(tmp_path, "hooks.example")
    with receivers.running(context) as server:
        yield server


def test_tls_is_for_the_name(secure: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    assert post(f"https://hooks.example:{secure.server_port}/x", b"{}", {}).status == 204
    assert secure.taken[0].headers["host"] == f"hooks.example:{secure.server_port}"
    assert reason(f"https://other.example:{secure.server_port}/x") == "tls"


def test_a_certificate_that_nobody_vouches_for(secure: Receiver) -> None:
    assert reason(f"https://hooks.example:{secure.server_port}/x") == "tls"
    assert not secure.taken
