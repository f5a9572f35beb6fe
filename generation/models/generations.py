"""A generation. Each turn in its life is a method here."""

import uuid
from collections.abc import Iterable

from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuthToken, Quota, Reservation, User
from generation import params as limits
from generation.models.files import INPUTS, Folder
from generation.models.images import GeneratedImage, Picture
from generation.models.queue import GenerationQuerySet
from generation.models.states import UNFINISHED, Status
from generation.params import GenerationParams, OutputFormat, RequestType, SchedulerName


class Generation(models.Model):
    """One accepted request, what it was charged, and what became of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="generations")
    token = models.ForeignKey(
        AuthToken, on_delete=models.SET_NULL, null=True, related_name="+", help_text="What it was sent with."
    )
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

    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=32, blank=True)
    error_reason = models.CharField(max_length=32, blank=True)

    objects = GenerationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="generation_of_user"),
            models.Index(
                fields=["created_at"],
                condition=models.Q(status__in=["queued", "running"]),
                name="generation_unfinished",
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
        return Folder(path, self.inputs, self.num_images, self.output_format)

    @property
    def cost(self) -> int:
        """The credits it was charged: those reserved, and none once it has failed."""
        return 0 if self.status == Status.FAILED else self.reservation.cost

    @property
    def reservation(self) -> Reservation:
        return Reservation(self.id, self.from_allowance, self.from_balance, self.period_ends)

    @reservation.setter
    def reservation(self, taken: Reservation) -> None:
        self.from_allowance, self.from_balance = taken.from_allowance, taken.from_balance
        self.period_ends = taken.period_ends

    def start(self) -> None:
        """Note that the engine has taken it up."""
        self._move([Status.QUEUED], status=Status.RUNNING, started_at=timezone.now())

    def succeed(self, drawn: Iterable[Picture]) -> None:
        """Store the pictures, and keep the charge."""
        images = [picture.store(self) for picture in drawn]
        with transaction.atomic():
            if self._move(UNFINISHED, status=Status.SUCCEEDED, finished_at=timezone.now()):
                GeneratedImage.objects.bulk_create(images)
                Quota.objects.settle(self.user, self.reservation)

    def fail(self, code: str, reason: str = "") -> bool:
        """Give the charge back and note why; say whether it was still unfinished."""
        now = timezone.now()
        with transaction.atomic():
            failed = self._move(
                UNFINISHED, status=Status.FAILED, finished_at=now, error_code=code, error_reason=reason
            )
            if failed:
                Quota.objects.refund(self.user, self.reservation, reason or code)
                if self.token is not None:
                    self.token.unspend(self.reservation.cost)
        if failed:
            self.folder.discard()
        return failed

    def _move(self, origins: Iterable[Status], **changes: object) -> bool:
        """One conditional UPDATE: of two that finish a generation, one wins."""
        rows = Generation.objects.filter(pk=self.pk, status__in=list(origins))
        moved = rows.update(**changes) == 1
        if moved:
            for name, value in changes.items():
                setattr(self, name, value)
        return moved
