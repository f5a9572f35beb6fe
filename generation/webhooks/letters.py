"""What is sent: an event by the rules of Standard Webhooks 1.0, with links to the pictures and never their bytes."""

import copy
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.utils import timezone, translation
from django.utils.text import Truncator
from rest_framework.utils.encoders import JSONEncoder
from standardwebhooks import Webhook as Signer

from accounts.models import Quota
from accounts.serializers import QuotaSerializer
from generation.api.representations import GenerationSerializer
from generation.models import Generation, SigningSecret, Status, WebhookDelivery, WebhookEvent

MOST_BYTES = 20_000
# Prompts that would make a letter longer than it may be are cut to this.
CUT_LENGTH = 500
PROMPTS = ("prompt", "negative_prompt")


@dataclass(frozen=True, slots=True)
class Site:
    """Stands in for a request where links are made."""

    address: str

    def build_absolute_uri(self, path: str) -> str:
        return urljoin(self.address, path)


def write(delivery: WebhookDelivery) -> str:
    """The body, in English, with the generation as it stands, or stood when it started."""
    with translation.override(settings.LANGUAGE_CODE):
        return _written(delivery)


def _written(delivery: WebhookDelivery) -> str:
    generation = delivery.webhook.generation
    if delivery.event == WebhookEvent.STARTED:
        generation = _as_it_started(generation)
    letter: dict[str, Any] = {
        "type": delivery.event,
        "timestamp": delivery.created_at,
        "data": _shown(generation, delivery),
    }
    body = _as_json(letter)
    if len(body.encode()) <= MOST_BYTES:
        return body
    prompts = {name: Truncator(getattr(generation, name)).chars(CUT_LENGTH) for name in PROMPTS}
    return _as_json(
        letter | {"data": letter["data"] | {"parameters": letter["data"]["parameters"] | prompts}}
    )


def headers(delivery: WebhookDelivery) -> dict[str, str]:
    """Signed with every secret of the user's that is valid, as of this moment."""
    now, secrets = timezone.now(), SigningSecret.objects.of(delivery.user).valid
    signatures = (Signer(secret).sign(delivery.message_id, now, delivery.body) for secret in secrets)
    return {
        "Content-Type": "application/json",
        "User-Agent": "stable-diffusion-service",
        "webhook-id": delivery.message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _shown(generation: Generation, delivery: WebhookDelivery) -> dict[str, Any]:
    context = {
        "request": Site(delivery.webhook.site),
        "inline": False,
        "quota": QuotaSerializer(Quota.objects.current(delivery.user)).data,
    }
    return dict(GenerationSerializer(generation, context=context).data)


def _as_it_started(generation: Generation) -> Generation:
    """It may be done by the time that this is told."""
    started = copy.copy(generation)
    started.status, started.finished_at = Status.RUNNING, None
    started.error_code = started.error_reason = ""
    started._prefetched_objects_cache = {"images": []}  # type: ignore[attr-defined]
    return started


def _as_json(letter: dict[str, Any]) -> str:
    return json.dumps(letter, cls=JSONEncoder, ensure_ascii=False, separators=(",", ":"))
