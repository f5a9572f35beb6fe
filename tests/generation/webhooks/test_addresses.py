"""No inner address is told anything, however it is written, and whatever a name resolves to, or resolves to later."""

from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from pytest_django import Settings

from generation.models import WebhookDelivery
from generation.webhooks.addresses import is_public
from generation.webhooks.destinations import BadDestination, destination
from tests import receiver as receivers
from tests.generation.webhooks.conftest import Hooked, send_due, succeed
from tests.receiver import Receiver

Resolver = Callable[..., list[str]]

INNER = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::7f00:1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]
# The same address in other clothes, and names that everybody knows.
DISGUISED = [
    "127.1",
    "127.0.1",
    "0",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "127.0.0.1.",
    "0xa9fea9fe",
    "localhost",
    "LocalHost.",
    "api.localhost",
]
MALFORMED = [
    "hooks.example/x",
    "//hooks.example/x",
    "ftp://hooks.example/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:70/_",
    "javascript:alert(1)",
    "https://",
    "https:///x",
    "https://user@hooks.example/",
    "https://user:pass@hooks.example/",
    "https://hooks.example@127.0.0.1/",
    "https://127.0.0.1#@hooks.example/",
    "https://hooks.example\\@127.0.0.1/",
    "https://hooks.example/a b",
    "https://hooks.example/\r\nHost: 127.0.0.1",
    "https://hooks.example/#there",
    "https://hooks。example/",
    "https://①②⑦.⓪.⓪.①/",
    "https://%31%32%37.0.0.1/",
    "https://[::1/",
    "https://[::1]x/",
    "https://[fe80::1%25eth0]/",
    "https://[1:2]/",
    "https://hooks.example:0/",
    "https://hooks.example:65536/",
    "https://hooks.example:https/",
    "https://-hooks.example/",
    "https://hooks..example/",
    "https://.example/",
    "https://256.1.1.1/",
    "https://1.2.3.4.5/",
    "https://hooks.1/",
    f"https://{'a' * 64}.example/",
    f"https://{'a.' * 127}example/",
    f"https://hooks.example/{'a' * 2048}",
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.215.14", "2606:4700:4700::1111", "2a00:1450:4001:80b::200e"]


def url_of(host: str) -> str:
    return f"https://[{host}]/" if ":" in host else f"https://{host}/"


@pytest.mark.parametrize("address", PUBLIC)
def test_it_works(address: str) -> None:
    assert is_public(ip_address(address))
    assert destination(url_of(address)).host == address


@pytest.mark.parametrize("host", INNER + DISGUISED)
def test_an_inner_address_is_refused_at_once(host: str) -> None:
    with pytest.raises(BadDestination) as refusal:
        destination(url_of(host))
    assert refusal.value.code == "not_public"


@pytest.mark.parametrize("url", MALFORMED)
def test_what_could_be_read_in_two_ways_is_refused(url: str) -> None:
    with pytest.raises(BadDestination) as refusal:
        destination(url)
    assert refusal.value.code == "invalid"


@pytest.mark.parametrize(
    "url", ["https://hooks.example", "https://a-b_c.example.:8443/x?y=[1]&z=%20", "HTTPS://Hooks.Example?x"]
)
def test_what_is_well_formed_is_taken(url: str) -> None:
    place = destination(url)
    assert (place.scheme, place.host) == ("https", place.host.lower())
    assert place.target.startswith("/")


def test_plain_http_is_refused() -> None:
    with pytest.raises(BadDestination) as refusal:
        destination("http://hooks.example/")
    assert refusal.value.code == "https_required"


def test_networks_that_a_setting_names_may_be_told(settings: Settings) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = [ip_network("10.1.0.0/16"), ip_network("fd00::/8")]
    for url in ("https://10.1.2.3/", "http://10.1.2.3/", "https://[fd00::1]/", "http://hooks.example/"):
        destination(url)
    for url in ("https://10.2.0.1/", "http://8.8.8.8/", "https://127.0.0.1/", "https://[::ffff:10.1.2.3]/"):
        with pytest.raises(BadDestination):
            destination(url)


@pytest.fixture
def canary() -> Any:
    """Listens on this machine, where nobody may come."""
    with receivers.running() as server:
        yield server
        assert server.connections == 0


@pytest.mark.django_db
@pytest.mark.parametrize("addresses", [*([address] for address in INNER), ["93.184.215.14", "127.0.0.1"]])
def test_a_name_that_is_inner_is_not_connected_to(
    hooked: Hooked, canary: Receiver, resolver: Resolver, addresses: list[str], connects: list[str]
) -> None:
    resolver(addresses)
    succeed(hooked(f"https://hooks.example:{canary.server_port}/", ("generation.succeeded",)))
    send_due()
    assert (WebhookDelivery.objects.get().last_error, connects) == ("not_public", [])


def test_a_name_without_tls_goes_to_named_networks_alone(
    hooked: Hooked, settings: Settings, resolver: Resolver, connects: list[str]
) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = [ip_network("10.0.0.0/8")]
    resolver(["93.184.215.14"])
    succeed(hooked("http://hooks.example/", ("generation.succeeded",)))
    send_due()
    assert (WebhookDelivery.objects.get().last_error, connects) == ("not_public", [])


def test_a_name_that_turns_inner(
    hooked: Hooked, canary: Receiver, resolver: Resolver, connects: list[str]
) -> None:
    """It is resolved once for each try, and what was checked is what is connected to."""
    asked = resolver(["93.184.215.14"], ["127.0.0.1"])
    succeed(hooked(f"https://hooks.example:{canary.server_port}/", ("generation.succeeded",)))
    send_due()
    assert (asked, connects) == (["hooks.example"], ["93.184.215.14"])
    WebhookDelivery.objects.get().replay()
    send_due()
    assert (len(asked), connects) == (2, ["93.184.215.14"])
    assert WebhookDelivery.objects.get().last_error == "not_public"
