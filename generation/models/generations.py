"""A generation. Each turn in its life is a method here."""

from collections.abc import Iterable
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuthToken, Quota, Reservation, User
from generation import params as limits
from generation.dispatch import Event, Happening, get_exchange
from generation.exceptions import GenerationCanceled
from generation.models.deliveries import WebhookDelivery
from generation.models.files import INPUTS, Folder
from generation.models.images import GeneratedImage, Picture
from generation.models.leases import MOST_ATTEMPTS
from generation.models.queue import GenerationQuerySet
from generation.models.states import UNFINISHED, Status
from generation.params import GenerationParams, OutputFormat, RequestType, SchedulerName


class Generation(models.Model):
    """One accepted request, what it was charged, and what became of it."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="generations")
    token = models.ForeignKey(
        AuthToken, on_delete=models.SET_NULL, null=True, related_name="+", help_text="What it was sent with."
    )
    counted = models.BooleanField(default=False, help_text="Whether its cost counts against the token's cap.")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.QUEUED)
    request_type = models.CharField(max_length=16, default=RequestType.TEXT_TO_IMAGE.value)
    request_id = models.CharField(max_length=64)
    request_time = models.DateTimeField(null=True)
    model = models.CharField(max_length=200)

    prompt = models.CharField(max_length=limits.PROMPT_MAX_LENGTH)
    negative_prompt = models.CharField(max_length=limits.PROMPT_MAX_LENGTH, blank=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    num_inference_steps = models.PositiveIntegerField("steps")
    guidance_scale = models.FloatField()
    scheduler = models.CharField(max_length=32)
    seed = models.PositiveBigIntegerField()
    num_images = models.PositiveIntegerField("number of images")
    output_format = models.CharField(max_length=8)
    quality = models.PositiveIntegerField()
    strength = models.FloatField(null=True)

    from_allowance = models.PositiveBigIntegerField(help_text="Credits taken from the allowance.")
    from_balance = models.PositiveBigIntegerField(help_text="Credits taken from the balance.")
    period_ends = models.DateTimeField(null=True, help_text="The end of the allowance's period.")

    priority = models.IntegerField(default=0, help_text="Of the owner's plan, when it was accepted.")
    lease = models.UUIDField(null=True, help_text="The right of the worker that draws it.")
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="How often drawing it was begun.")

    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=32, blank=True)
    error_reason = models.CharField(max_length=32, blank=True)
    refunded_at = models.DateTimeField(null=True, help_text="When staff gave the charge of a success back.")
    expired_at = models.DateTimeField(null=True, help_text="When its pictures were removed, by age.")

    objects = GenerationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        permissions = [("refund_generation", "Can refund a generation")]
        indexes = [
            # How staff look at all of them: newest first, of one status, kind or reason, or one by its request.
            models.Index(fields=["-created_at", "-id"], name="generation_newest"),
            models.Index(fields=["status", "-created_at", "-id"], name="generation_of_status"),
            models.Index(fields=["request_type", "-created_at", "-id"], name="generation_of_type"),
            models.Index(fields=["error_reason", "-created_at", "-id"], name="generation_of_reason"),
            models.Index(fields=["request_id"], name="generation_of_request"),
            models.Index(fields=["user", "-created_at", "-id"], name="generation_of_user"),
            models.Index(
                fields=["created_at"],
                condition=models.Q(status__in=["queued", "running"]),
                name="generation_unfinished",
            ),
            models.Index(
                fields=["user"], condition=models.Q(status="running"), name="generation_running_of_user"
            ),
            # What `prune` goes through.
            models.Index(
                fields=["finished_at"],
                condition=models.Q(status="succeeded", expired_at=None),
                name="generation_with_pictures",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_type} {self.id}"

    def get_absolute_url(self) -> str:
        return reverse("generation", args=[self.id])

    @property
    def params(self) -> GenerationParams:
        """What to draw. The pictures that came along are read from their files."""
        return GenerationParams(
            prompt=self.prompt,
            negative_prompt=self.negative_prompt,
            width=self.width,
            height=self.height,
            num_inference_steps=self.num_inference_steps,
            guidance_scale=self.guidance_scale,
            scheduler=SchedulerName(self.scheduler),
            seed=self.seed,
            num_images=self.num_images,
            output_format=OutputFormat(self.output_format),
            quality=self.quality,
            strength=self.strength,
            **{name: self.folder.input_pixels(name) for name in self.inputs},
        )

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the pictures that came along."""
        return INPUTS[RequestType(self.request_type)]

    @property
    def folder(self) -> Folder:
        """Its files."""
        path = f"{self.created_at:%Y/%m/%d}/{self.id}"
        return Folder(path, self.inputs, self.output_format)

    @property
    def cost(self) -> int:
        """The credits it was charged: those reserved, and none once they were given back."""
        given_back = self.status in (Status.FAILED, Status.CANCELED) or self.refunded_at is not None
        return 0 if given_back else self.reservation.cost

    @property
    def expires_at(self) -> datetime | None:
        """When its pictures are removed, or were; None where they are kept."""
        if self.expired_at is not None or self.finished_at is None:
            return self.expired_at
        days = self.user.terms.retention_days
        return self.finished_at + timedelta(days=days) if days else None

    @property
    def reservation(self) -> Reservation:
        return Reservation(self.id, self.from_allowance, self.from_balance, self.period_ends)

    @reservation.setter
    def reservation(self, taken: Reservation) -> None:
        self.from_allowance, self.from_balance = taken.from_allowance, taken.from_balance
        self.period_ends = taken.period_ends

    def take_up(self, lease: UUID, until: datetime) -> bool:
        """Begin another attempt under this lease; say whether it was still queued."""
        with transaction.atomic():
            taken = self._move(
                [Status.QUEUED],
                status=Status.RUNNING,
                started_at=timezone.now(),
                lease=lease,
                leased_until=until,
                attempts=self.attempts + 1,
            )
            if taken:
                WebhookDelivery.objects.announce(self)
        return taken

    def hand_back(self) -> bool:
        """Queue it again as if it had not been taken up; say whether it was still held."""
        return self._queue_again(attempts=max(0, self.attempts - 1))

    def lose(self, reason: str) -> bool:
        """Its worker is gone, or its device: queue it again, or fail it after the last attempt."""
        if self.attempts < MOST_ATTEMPTS:
            return self._queue_again()
        return self.fail("generation_failed", reason)

    def succeed(self, drawn: Iterable[Picture]) -> bool:
        """Store the pictures, and keep the charge; say whether it was still held.

        If it was not, or if anything goes wrong, nothing that was stored here is left.
        """
        images: list[GeneratedImage] = []
        with ExitStack() as undo:
            for picture in drawn:
                images.append(picture.store(self))
                undo.callback(self.folder.remove, str(images[-1].file.name))
            with transaction.atomic():
                if not self._move(UNFINISHED, held=True, **_end(Status.SUCCEEDED)):
                    return False
                GeneratedImage.objects.bulk_create(images)
                Quota.objects.settle(self.user, self.reservation)
                self._tell(Happening.SUCCEEDED)
                WebhookDelivery.objects.announce(self)
            undo.pop_all()
        return True

    def fail(self, code: str, reason: str = "") -> bool:
        """Give the charge back and note why; say whether it was still held."""
        return self._give_up(Status.FAILED, code, reason, held=True)

    def cancel(self, actor: User | None = None, reason: str = "") -> bool:
        """Stop it, whoever holds it, and give the charge back; say whether it was still unfinished.

        The owner reads `reason` in the ledger.
        """
        return self._give_up(
            Status.CANCELED, GenerationCanceled.default_code, actor=actor, note=reason or "Canceled"
        )

    @transaction.atomic
    def refund(self, actor: User | None, reason: str) -> bool:
        """Give the charge of a success back, once; say whether it was now. The pictures stay."""
        refunded = self._move([Status.SUCCEEDED], refunded_at=timezone.now())
        if refunded:
            self._give_back(reason, actor)
        return refunded

    def _give_up(
        self,
        status: Status,
        code: str,
        reason: str = "",
        *,
        actor: User | None = None,
        note: str = "",
        held: bool = False,
    ) -> bool:
        """End it without pictures: its charge is given back, its drawing stopped, its files removed."""
        with transaction.atomic():
            ended = self._move(UNFINISHED, held=held, **_end(status), error_code=code, error_reason=reason)
            if ended:
                self._give_back(note or reason or code, actor)
                self._tell(Happening(status))
                WebhookDelivery.objects.announce(self)
                transaction.on_commit(self.folder.discard, robust=True)
        return ended

    def _queue_again(self, **changes: object) -> bool:
        with transaction.atomic():
            queued = self._move([Status.RUNNING], held=True, **_WAITING, **changes)
            if queued:
                self._tell(Happening.QUEUED)
                transaction.on_commit(get_exchange().ring, robust=True)
        return queued

    def _tell(self, happening: Happening) -> None:
        event = Event(self.id, happening)
        transaction.on_commit(partial(get_exchange().tell, event), robust=True)

    def _give_back(self, reason: str, actor: User | None) -> None:
        """To the owner's quota, and to the cap of the token where it was counted."""
        given = Quota.objects.refund(self.user, self.reservation, reason, actor=actor)
        if given and self.counted and self.token is not None:
            self.token.unspend(self.reservation.cost)

    def _move(self, origins: Iterable[Status], *, held: bool = False, **changes: object) -> bool:
        """One conditional UPDATE: of two that change a generation's state, one wins.

        With `held`, only under the lease that this instance was read with: a worker that was thought lost, and is
        not, changes nothing.
        """
        rows = Generation.objects.filter(pk=self.pk, status__in=list(origins), refunded_at=None)
        if held:
            rows = rows.filter(lease=self.lease)
        moved = rows.update(**changes) == 1
        if moved:
            for name, value in changes.items():
                setattr(self, name, value)
        return moved


_WAITING: dict[str, object] = {
    "status": Status.QUEUED,
    "started_at": None,
    "lease": None,
    "leased_until": None,
}


def _end(status: Status) -> dict[str, object]:
    return {"status": status, "finished_at": timezone.now(), "lease": None, "leased_until": None}
