"""Networks as a setting names them."""

from ipaddress import IPv4Network, IPv6Network, ip_network

from environs import ValidationError

Network = IPv4Network | IPv6Network


def network_from(text: str) -> Network:
    """As in 10.0.0.0/8. Raises `ValidationError`, also for an address with a mask that cuts it."""
    try:
        return ip_network(text.strip())
    except ValueError as error:
        raise ValidationError(f"{error}.") from error


# This machine, and what stands in a network of its own.
NEAR = [
    network_from(text)
    for text in ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
]
