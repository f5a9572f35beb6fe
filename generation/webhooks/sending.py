"""One try of one delivery."""

from django.utils import timezone

from accounts.connections import let_go
from generation.models import WebhookDelivery
from generation.webhooks import letters
from generation.webhooks.connection import NotDelivered, post
from generation.webhooks.schedule import asked_wait


def send(delivery: WebhookDelivery) -> None:
    """Send what was claimed, and note what came of it. One that was deleted meanwhile is not sent."""
    if not delivery.body and not delivery.write(letters.write(delivery)):
        return
    headers = letters.headers(delivery)
    let_go()
    try:
        answer = post(delivery.webhook.url, delivery.body.encode(), headers)
    except NotDelivered as error:
        delivery.note(error=error.reason)
    else:
        delivery.note(answer.status, wait=asked_wait(answer.retry_after, timezone.now()))
