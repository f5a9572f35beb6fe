"""What is told to others' servers: a row per event, written in the transaction that it tells of."""

import logging
import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from django.db import models, transaction
from django.utils import timezone

from accounts.models import User
from generation.models.states import Status
from generation.models.webhooks import EVENTS, Webhook, WebhookEvent
from generation.webhooks.bell import bell
from generation.webhooks.schedule import LEASE, TRIES, pause

if TYPE_CHECKING:
    from generation.models.generations import Generation

logger = logging.getLogger(__name__)


class DeliveryState(models.TextChoices):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class WebhookDeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    def of(self, user: User) -> Self:
        return self.filter(user=user)

    def announce(self, generation: "Generation") -> None:
        """Tell how the generation stands now, if its owner asked for it. For the transaction that turns it."""
        event = EVENTS[Status(generation.status)]
        # A worker has read it along with the generation, or that there is none.
        webhook: Webhook | None = getattr(generation, "webhook", None)
        if webhook is None or event not in webhook.events:
            return
        # A generation that is begun anew after its worker was lost has started already.
        self.bulk_create(
            [self.model(webhook=webhook, user_id=generation.user_id, event=event)], ignore_conflicts=True
        )
        transaction.on_commit(bell.set)

    def claim(self, but: Collection[uuid.UUID] = ()) -> "WebhookDelivery | None":
        """Take what is due for one try, but not of these users. Nobody else gets it until the lease ends.

        What was not tried yet comes first, lest receivers that are down hold up the others.
        """
        due = self.filter(state=DeliveryState.WAITING, next_try_at__lte=timezone.now()).exclude(user__in=but)
        along = due.select_related("webhook__generation__user").order_by("attempts", "next_try_at")
        while (found := along.first()) is not None:
            if found.take():
                return found
        return None

    def old(self, before: datetime) -> Self:
        """Those from before then, but for what is still to be delivered."""
        return self.filter(created_at__lt=before).exclude(state=DeliveryState.WAITING)


class WebhookDelivery(models.Model):
    """One event on its way to one address, and how far it came."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="webhook_deliveries")
    event = models.CharField(max_length=32, choices=WebhookEvent.choices)
    body = models.TextField(blank=True, help_text="Written before the first try, and the same at every one.")
    state = models.CharField(max_length=16, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    claimed_as = models.UUIDField(
        null=True, help_text="Who is trying; a sender that is late changes nothing."
    )
    last_tried_at = models.DateTimeField(null=True)
    last_status = models.PositiveIntegerField(null=True, help_text="What the receiver answered last.")
    last_error = models.CharField(max_length=32, blank=True, help_text="Why nothing was answered.")
    created_at = models.DateTimeField(default=timezone.now)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "webhook deliveries"
        ordering = ["-created_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["webhook", "event"], name="webhook_event_once")]
        indexes = [
            models.Index(
                fields=["attempts", "next_try_at"], condition=models.Q(state="waiting"), name="delivery_due"
            ),
            models.Index(fields=["-created_at", "-id"], name="delivery_newest"),
            models.Index(fields=["state", "-created_at", "-id"], name="delivery_of_state"),
            models.Index(fields=["event", "-created_at", "-id"], name="delivery_of_event"),
            models.Index(fields=["user", "-created_at", "-id"], name="delivery_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.id}"

    @property
    def message_id(self) -> str:
        """The same at every try, so that the receiver can tell that it has seen it."""
        return f"msg_{self.id.hex}"

    @property
    def is_waiting(self) -> bool:
        return self.state == DeliveryState.WAITING

    @property
    def host(self) -> str:
        """All of the address that staff see: the rest may hold a secret of the receiver's."""
        return urlsplit(self.webhook.url).hostname or ""

    @property
    def trail(self) -> dict[str, object]:
        """Whom the lines of the log belong to, while it is sent."""
        generation = self.webhook.generation
        return {
            "request_id": generation.request_id,
            "user_id": self.user_id,
            "generation_id": generation.pk,
        }

    def take(self) -> bool:
        """One conditional UPDATE: of several senders one has it. One that dies loses it when the lease ends."""
        mine, until = uuid.uuid4(), timezone.now() + LEASE
        return self._update_where(
            {"state": DeliveryState.WAITING, "next_try_at": self.next_try_at, "claimed_as": self.claimed_as},
            claimed_as=mine,
            next_try_at=until,
        )

    def write(self, body: str) -> bool:
        """Keep what will be sent, before it is; say whether it still is this sender's."""
        return self._update_where({"claimed_as": self.claimed_as}, body=body)

    def note(self, status: int | None = None, error: str = "", wait: timedelta = timedelta(0)) -> bool:
        """What came of a try; say whether it was still this sender's to tell. Only 2xx is success, and 410 is final."""
        now, attempts = timezone.now(), self.attempts + 1
        tried = {"attempts": attempts, "last_tried_at": now, "last_status": status, "last_error": error}
        if status is not None and HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            outcome: dict[str, object] = {"state": DeliveryState.DELIVERED}
            logger.info("webhook delivery %s is taken: %s, %s", self.id, self.event, status)
        elif status == HTTPStatus.GONE or attempts >= TRIES:
            outcome = {"state": DeliveryState.FAILED}
            logger.warning("webhook delivery %s is given up: %s", self.id, status or error)
        else:
            outcome = {"next_try_at": now + pause(attempts, wait)}
            logger.info("webhook delivery %s is tried again later: %s", self.id, status or error)
        return self._update_where({"claimed_as": self.claimed_as}, claimed_as=None, **tried, **outcome)

    def replay(self) -> bool:
        """Have it sent at once, with all tries before it again; not while it is being sent. Say whether."""
        again = self._update_where(
            {"claimed_as": None}, state=DeliveryState.WAITING, attempts=0, next_try_at=timezone.now()
        )
        transaction.on_commit(bell.set)
        return again

    def _update_where(self, conditions: dict[str, object], **changes: object) -> bool:
        updated = WebhookDelivery.objects.filter(pk=self.pk, **conditions).update(**changes) == 1
        if updated:
            for name, value in changes.items():
                setattr(self, name, value)
        return updated
