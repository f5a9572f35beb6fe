"""Where a request comes from."""

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

# One household, or one server, has all the addresses of such a network.
IPV6_PREFIX = 64


def client_address(request: HttpRequest | Request) -> str:
    """The network of the client: an IPv4 address, or the first 64 bits of an IPv6 one; empty where it is not known.

    Each of `TRUSTED_PROXIES` adds whom it was asked by to the right of X-Forwarded-For. What stands left of that, and
    the whole header where no proxy is trusted, is the client's own invention.
    """
    told = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    trusted = told[-settings.TRUSTED_PROXIES :] if settings.TRUSTED_PROXIES else []
    peer = request.META.get("REMOTE_ADDR", "")
    return network((_address(trusted[0]) if trusted else None) or _address(peer))


def is_from(request: HttpRequest | Request, networks: Collection[IPv4Network | IPv6Network]) -> bool:
    """Whether the client is in one of these. Of an IPv6 client its network is known, which is enough to say so."""
    address = client_address(request).partition("/")[0]
    return bool(address) and any(ip_address(address) in network for network in networks)


def network(address: IPv4Address | IPv6Address | None) -> str:
    if address is None:
        return ""
    if isinstance(address, IPv6Address):
        # How an IPv4 client looks to a socket that listens to both.
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(IPv6Network((int(address), IPV6_PREFIX), strict=False))
    return str(address)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Some proxies add the port."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return ip_address(text)
    except ValueError:
        return None
