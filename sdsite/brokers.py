"""How Celery's broker is spoken to: Redis, or RabbitMQ."""

from typing import Any

BROKERS = r"^$|^(rediss?|amqps?)://."
SECONDS = 1.0


def transport_options(url: str, longest: int) -> dict[str, Any]:
    """Kombu's options for the broker at `url`, where a task takes at most `longest` seconds."""
    if url.startswith("amqp"):
        return {"confirm_publish": True}
    # A task that is not acknowledged by then is given to another worker. Its row has a lease, so it is drawn once.
    return {
        "visibility_timeout": 2 * longest + 60,
        "socket_connect_timeout": SECONDS,
        "socket_keepalive": True,
    }


def impatient_options(url: str) -> dict[str, Any]:
    """What is different for whoever would rather not say it at all than wait."""
    if url.startswith("amqp"):
        return {"max_retries": 0, "read_timeout": SECONDS, "write_timeout": SECONDS}
    return {"max_retries": 0, "socket_timeout": SECONDS}
