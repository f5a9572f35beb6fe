"""Where the owner of a generation wants to be told what becomes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models

from generation.models.states import Status
from generation.webhooks.destinations import URL_MAX_LENGTH

if TYPE_CHECKING:
    from generation.models.generations import Generation

SITE_MAX_LENGTH = 300


class WebhookEvent(models.TextChoices):
    STARTED = "generation.started"
    SUCCEEDED = "generation.succeeded"
    FAILED = "generation.failed"
    CANCELED = "generation.canceled"


EVENTS = {
    Status.RUNNING: WebhookEvent.STARTED,
    Status.SUCCEEDED: WebhookEvent.SUCCEEDED,
    Status.FAILED: WebhookEvent.FAILED,
    Status.CANCELED: WebhookEvent.CANCELED,
}
FINAL = (WebhookEvent.SUCCEEDED, WebhookEvent.FAILED, WebhookEvent.CANCELED)


@dataclass(frozen=True, slots=True)
class Hook:
    """What a request says of it."""

    url: str
    events: Sequence[str]
    site: str


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def hook_of(self, generation: "Generation") -> Hook | None:
        kept = self.filter(generation=generation).first()
        return Hook(kept.url, kept.events, kept.site) if kept else None

    def keep(self, generation: "Generation", hook: Hook | None) -> None:
        """For the transaction that accepts the generation."""
        if hook is not None:
            self.create(generation=generation, url=hook.url, events=list(hook.events), site=hook.site)


class Webhook(models.Model):
    """Of one generation: the address, and what is told there."""

    generation = models.OneToOneField(
        "generation.Generation", on_delete=models.CASCADE, related_name="webhook"
    )
    url = models.CharField(max_length=URL_MAX_LENGTH)
    events = models.JSONField()
    site = models.CharField(
        max_length=SITE_MAX_LENGTH, help_text="How the service was asked; links begin so."
    )

    objects = WebhookQuerySet.as_manager()

    def __str__(self) -> str:
        return f"webhook of {self.generation_id}"
