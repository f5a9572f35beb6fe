"""The address of a webhook, taken apart once and strictly, so that nobody after us reads it otherwise."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from socket import inet_aton

from django.conf import settings
from django.utils.translation import gettext

from generation.webhooks.addresses import Address, may_be_told

URL_MAX_LENGTH = 2048
NAME_MAX_LENGTH = 253

# No user name, no fragment, no white space, nothing but ASCII. A host has no character that could be read in two ways.
URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?P<path>/[\w\-.~:/@!$&'()*+,;=%]*)?(?P<query>\?[\w\-.~:/?@!$&'()*+,;=%\[\]]*)?",
    re.IGNORECASE | re.ASCII,
)
NAME = re.compile(r"([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.?")
# As browsers have it: a name whose last part is a number is an IPv4 address, however it is written.
NUMBER = re.compile(r"(.*\.)?([0-9]+|0x[0-9a-f]*)\.?")


class BadDestination(ValueError):
    """Why not, as a stable code and in words."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Destination:
    scheme: str
    host: str
    port: int
    target: str

    @property
    def secure(self) -> bool:
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """As the `Host` header has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _port(self.scheme) else f"{host}:{self.port}"


def destination(url: str) -> Destination:
    """Raises `BadDestination` where it can be seen that nothing may be sent there. Names are not resolved yet."""
    parts = URL.fullmatch(url)
    if parts is None or len(url) > URL_MAX_LENGTH:
        raise BadDestination(
            "invalid", gettext("An absolute https:// address in ASCII, without user name, is required.")
        )
    scheme, host = parts["scheme"].lower(), parts["host"].lower().strip("[]")
    port = int(parts["port"] or _port(scheme))
    if port > 65535 or not _is_well_formed(host):
        raise BadDestination("invalid", gettext("This is not the address of a host."))
    _refuse_where_seen(scheme, host)
    return Destination(scheme, host, port, (parts["path"] or "/") + (parts["query"] or ""))


def _refuse_where_seen(scheme: str, host: str) -> None:
    if scheme != "https" and not settings.WEBHOOK_ALLOWED_NETWORKS:
        raise BadDestination("https_required", gettext("An https:// address is required."))
    address = literal(host)
    if address is not None and not may_be_told(address, secure=scheme == "https"):
        raise BadDestination("not_public", gettext("This address is not on the public Internet."))


def literal(host: str) -> Address | None:
    """The network address that a host says it is, in any of the ways that C has to read one."""
    if host.rstrip(".") == "localhost" or host.rstrip(".").endswith(".localhost"):
        return ip_address("127.0.0.1")
    if ":" in host:
        return ip_address(host)
    return ip_address(inet_aton(host.rstrip("."))) if NUMBER.fullmatch(host) else None


def _is_well_formed(host: str) -> bool:
    try:
        return literal(host) is not None or (len(host) <= NAME_MAX_LENGTH and bool(NAME.fullmatch(host)))
    except (ValueError, OSError):
        return False


def _port(scheme: str) -> int:
    return 443 if scheme == "https" else 80
