"""One request to a server that nobody here knows: to the very address that was checked, and over in time."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from io import BufferedReader, RawIOBase
from socket import create_connection, socket
from time import monotonic
from typing import Any, cast

from generation.webhooks.addresses import Address, may_be_told, resolve
from generation.webhooks.destinations import BadDestination, Destination, destination

# For all of a try: resolving, connecting, TLS, sending, and the head of the answer. Its body is not looked at.
TRY_SECONDS = 15.0
MOST_READ = 2**16
MOST_ADDRESSES = 4


class NotDelivered(Exception):
    """Nothing was answered; why not, in one word of those that a delivery's `last_error` may have."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    retry_after: str


class Deadline:
    def __init__(self, seconds: float) -> None:
        self._at = monotonic() + seconds

    def left(self) -> float:
        """Seconds. Raises `TimeoutError` when there are none."""
        left = self._at - monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class Line:
    """As much of a socket as `http.client` needs. Its waits are over in time, all told."""

    def __init__(self, connected: socket, deadline: Deadline) -> None:
        self._socket, self._deadline = connected, deadline

    def sendall(self, content: bytes) -> None:
        self._socket.settimeout(self._deadline.left())
        self._socket.sendall(content)

    def makefile(self, _mode: str) -> BufferedReader:
        return BufferedReader(Intake(self._socket, self._deadline))

    def close(self) -> None:
        """It is for whoever connected to close the socket."""


class Intake(RawIOBase):
    """What is read of a line: so much, and no more."""

    def __init__(self, connected: socket, deadline: Deadline) -> None:
        self._socket, self._deadline, self._left = connected, deadline, MOST_READ

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._left <= 0:
            raise HTTPException("The head of the answer has no end.")
        self._socket.settimeout(self._deadline.left())
        count = self._socket.recv_into(buffer)
        self._left -= count
        return count


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Raises `NotDelivered`. A redirection is an answer like any other: it is not followed."""
    deadline = Deadline(TRY_SECONDS)
    try:
        place = destination(url)
        with _connect(place, _addresses(place, deadline), deadline) as connected:
            return _ask(place, Line(connected, deadline), body, headers)
    except BadDestination as error:
        raise NotDelivered("not_public") from error
    except TimeoutError as error:
        raise NotDelivered("timeout") from error
    except ssl.SSLError as error:
        raise NotDelivered("tls") from error
    except OSError as error:
        raise NotDelivered("unreachable") from error
    except HTTPException as error:
        raise NotDelivered("no_http") from error


def _addresses(place: Destination, deadline: Deadline) -> list[Address]:
    """They are resolved once, and none but these is connected to. One that may not be told refuses them all."""
    addresses = resolve(place.host, place.port, deadline.left())
    if not all(may_be_told(address, secure=place.secure) for address in addresses):
        raise NotDelivered("not_public")
    return addresses[:MOST_ADDRESSES]


def _connect(place: Destination, addresses: list[Address], deadline: Deadline) -> socket:
    """To the first address that takes it; each has its share of the time."""
    for left in range(len(addresses), 0, -1):
        address = addresses[-left]
        try:
            connected = create_connection((str(address), place.port), deadline.left() / left)
        except OSError:
            if left == 1:
                raise
        else:
            return _encrypted(connected, place, deadline) if place.secure else connected
    raise OSError("The host has no address.")


def _encrypted(connected: socket, place: Destination, deadline: Deadline) -> socket:
    """TLS for the name that was asked for, whatever address it has."""
    with connected:  # what becomes of it in TLS is another socket, and stays open
        connected.settimeout(deadline.left())
        context = ssl.create_default_context()
        return context.wrap_socket(connected, server_hostname=place.host.rstrip("."))


def _ask(place: Destination, line: Line, body: bytes, headers: Mapping[str, str]) -> Answer:
    connection = HTTPConnection(place.host, place.port)
    connection.sock = cast("socket", line)
    connection.request(
        "POST", place.target, body, {"Host": place.authority, "Connection": "close", **headers}
    )
    answer = connection.getresponse()
    return Answer(answer.status, answer.getheader("Retry-After", ""))
