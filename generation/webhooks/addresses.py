"""Which network addresses may be spoken to: public ones, and those that the people who run the service name.

`is_global` alone is not enough: of addresses that stand for others, of multicast and of what clouds serve their own
machines by, it lets many pass.
"""

from concurrent.futures import Future
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from socket import SOCK_STREAM, getaddrinfo
from threading import Thread
from typing import Any

from django.conf import settings

Address = IPv4Address | IPv6Address

# What else IPv6 has is inner, or stands for an IPv4 address: mapped, compatible, NAT64, unique local, site-local.
UNICAST = IPv6Network("2000::/3")
NOT_PUBLIC = tuple(
    ip_network(network)
    for network in (
        "168.63.129.16/32",  # what Azure serves its machines by
        "192.0.0.0/24",  # protocol assignments; Oracle serves its machines by one of them
        "192.31.196.0/24",  # the nearest of many: AS112, AMT and 6to4 relays
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.175.48.0/24",
        "2001::/23",  # protocol assignments, among them Teredo, which holds an IPv4 address
        "2002::/16",  # 6to4, which holds one too
        "2620:4f:8000::/48",
        "3fff::/20",  # documentation, which Python 3.11 does not know of
    )
)


def is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and (address.scope_id or address not in UNICAST):
        return False
    special = address.is_multicast or any(address in network for network in NOT_PUBLIC)
    return address.is_global and not special


def may_be_told(address: Address, *, secure: bool) -> bool:
    """Whether a webhook may go there. Without TLS, only to networks that `WEBHOOK_ALLOWED_NETWORKS` names."""
    named = any(address in network for network in settings.WEBHOOK_ALLOWED_NETWORKS)
    return named or (secure and is_public(address))


def resolve(host: str, port: int, seconds: float) -> list[Address]:
    """All addresses of a host. Raises `OSError` if it has none, and `TimeoutError`.

    Nothing can stop the system's resolver, so it is asked in a thread that is left behind if it takes too long.
    """
    found: Future[list[Any]] = Future()
    Thread(target=_look_up, args=[host, port, found], name="resolver", daemon=True).start()
    return [ip_address(place[0]) for *_, place in found.result(seconds)]


def _look_up(host: str, port: int, found: "Future[list[Any]]") -> None:
    try:
        found.set_result(getaddrinfo(host, port, type=SOCK_STREAM))
    except (OSError, UnicodeError) as error:
        found.set_exception(OSError(str(error)))
