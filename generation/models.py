"""Generations and their pictures. Each turn in the life of a generation is a method here."""

import uuid
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuthToken, Quota, Reservation, User
from generation import params as limits
from generation.exceptions import QueueFull, StorageFull
from generation.params import GenerationParams, OutputFormat, RequestType, SchedulerName
from generation.pixels import pack, unpack
from generation.storage import pictures


class Status(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


# The pictures that come along with each kind of request.
INPUTS: dict[RequestType, tuple[str, ...]] = {
    RequestType.TEXT_TO_IMAGE: (),
    RequestType.IMAGE_TO_IMAGE: ("image",),
    RequestType.INPAINTING: ("image", "mask"),
}
UNFINISHED = (Status.QUEUED, Status.RUNNING)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a generation came from: what is kept of the request beside its parameters."""

    request_id: str
    request_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A finished picture as a file's content."""

    index: int
    seed: int
    content: bytes


class GenerationQuerySet(models.QuerySet["Generation"]):
    def of(self, user: User) -> Self:
        return self.filter(user=user)

    def unfinished(self) -> Self:
        return self.filter(status__in=UNFINISHED)

    def submit(
        self,
        user: User,
        params: GenerationParams,
        *,
        model: str,
        cost: int,
        origin: Origin,
        token: AuthToken | None = None,
    ) -> "Generation":
        """Accept a request: keep its pictures, reserve its credits and queue it.

        Raises `QueueFull`, `QuotaExhausted`, `TokenCapReached` or `StorageFull`, and then nothing of it is left.
        """
        generation = self.model(
            user=user,
            token=token,
            model=model,
            request_id=origin.request_id,
            request_time=origin.request_time,
            **_columns(params),
        )
        with ExitStack() as undo:
            undo.callback(generation.discard)
            generation.keep(params)
            with transaction.atomic():
                if self.unfinished().count() >= settings.QUEUE_LIMIT:
                    raise QueueFull
                if token is not None:
                    token.spend(cost)
                generation.reservation = Quota.objects.reserve(user, cost, generation=generation.id)
                generation.save(force_insert=True)
            undo.pop_all()
        return generation

    def fail_interrupted(self) -> int:
        """Fail and refund what an earlier process left unfinished; say how many. For a server's start."""
        return sum(generation.fail("generation_failed", "worker_lost") for generation in self.unfinished())


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
            **{name: self._unpacked(name) for name in self.inputs},
        )

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the pictures that came along."""
        return INPUTS[RequestType(self.request_type)]

    def input_file(self, name: str) -> File:
        """Raises `FileNotFoundError` where it is gone, as it is once the generation has failed."""
        return pictures().open(self.input_path(name), "rb")

    def _unpacked(self, name: str) -> Any:
        with self.input_file(name) as file:
            return unpack(file.read())

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
        images = [self._store(picture) for picture in drawn]
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
            self.discard()
        return failed

    def _move(self, origins: Iterable[Status], **changes: object) -> bool:
        """One conditional UPDATE: of two that finish a generation, one wins."""
        rows = Generation.objects.filter(pk=self.pk, status__in=list(origins))
        moved = rows.update(**changes) == 1
        if moved:
            for name, value in changes.items():
                setattr(self, name, value)
        return moved

    def _store(self, picture: Picture) -> "GeneratedImage":
        """Files come before rows, so that a row never points to nothing."""
        image = GeneratedImage(
            generation=self, index=picture.index, seed=picture.seed, bytes=len(picture.content)
        )
        image.file.save("", ContentFile(picture.content), save=False)
        return image

    def keep(self, params: GenerationParams) -> None:
        """Store the pictures that came along, without loss. Raises `StorageFull`."""
        try:
            for name in self.inputs:
                content = pack(getattr(params, name), params.width, params.height)
                pictures().save(self.input_path(name), ContentFile(content))
        except OSError as error:
            raise StorageFull from error

    def discard(self) -> None:
        """Remove all files, those that came along and those that were drawn."""
        for name in self.inputs:
            pictures().delete(self.input_path(name))
        for index in range(self.num_images):
            pictures().delete(self.picture_path(index))

    def input_path(self, name: str) -> str:
        return f"{self._folder}/{name}.png"

    def picture_path(self, index: int) -> str:
        return f"{self._folder}/{index}.{self.output_format}"

    @property
    def _folder(self) -> str:
        return f"{self.created_at:%Y/%m/%d}/{self.id}"


def _columns(params: GenerationParams) -> dict[str, object]:
    """All parameters but the pictures, which are files."""
    names = set(GenerationParams.__dataclass_fields__) - set(INPUTS[RequestType.INPAINTING])
    return {name: getattr(params, name) for name in names} | {"request_type": params.request_type}


def picture_path(image: "GeneratedImage", _name: str) -> str:
    return image.generation.picture_path(image.index)


class GeneratedImage(models.Model):
    """One picture of a generation, as a file."""

    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="images")
    index = models.PositiveIntegerField()
    seed = models.PositiveBigIntegerField()
    bytes = models.PositiveBigIntegerField("size in bytes")
    file = models.FileField(storage=pictures, upload_to=picture_path, max_length=200)

    class Meta:
        ordering = ["index"]
        constraints = [
            models.UniqueConstraint(fields=["generation", "index"], name="image_index_in_generation")
        ]

    def __str__(self) -> str:
        return f"image {self.index} of {self.generation_id}"

    def get_absolute_url(self) -> str:
        return reverse("generation-image", args=[self.generation_id, self.index])
