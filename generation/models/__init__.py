"""Generations, their pictures, and the rules of the queue."""

from generation.models import removal
from generation.models.deliveries import DeliveryState, WebhookDelivery
from generation.models.files import INPUTS, Folder
from generation.models.generations import Generation
from generation.models.idempotency import Claim, IdempotencyKey
from generation.models.images import GeneratedImage, Picture, picture_path
from generation.models.notes import WorkerNote
from generation.models.queue import GenerationQuerySet, Origin
from generation.models.signing import SigningSecret
from generation.models.states import UNFINISHED, Status
from generation.models.webhooks import Hook, Webhook, WebhookEvent

__all__ = [
    "INPUTS",
    "UNFINISHED",
    "Claim",
    "DeliveryState",
    "Folder",
    "GeneratedImage",
    "Generation",
    "GenerationQuerySet",
    "Hook",
    "IdempotencyKey",
    "Origin",
    "Picture",
    "SigningSecret",
    "Status",
    "Webhook",
    "WebhookDelivery",
    "WebhookEvent",
    "WorkerNote",
    "picture_path",
    "removal",
]
