"""What is kept of an accepted request: what it asked for, what it was charged, and when it turned."""

from datetime import datetime, timedelta
from uuid import uuid4

from django.db import models
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuthToken, Reservation, User
from generation import params as limits
from generation.models.files import INPUTS, Folder
from generation.models.states import Status
from generation.params import GenerationParams, OutputFormat, RequestType, SchedulerName

# What changes once it is accepted.
TURNING = (
    "status",
    "lease",
    "leased_until",
    "attempts",
    "started_at",
    "finished_at",
    "error_code",
    "error_reason",
    "refunded_at",
    "expired_at",
)


class AcceptedRequest(models.Model):
    """The columns of a generation, and what follows from them."""

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

    class Meta:
        abstract = True
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
            # What `prune` goes through. SQLite takes no partial index whose condition names a value.
            models.Index(
                fields=["status", "finished_at"],
                condition=models.Q(expired_at=None),
                name="generation_with_files",
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

    def look(self) -> str:
        """Read anew what changes; gives the status."""
        self.refresh_from_db(fields=TURNING)
        return self.status

    @property
    def reservation(self) -> Reservation:
        return Reservation(self.id, self.from_allowance, self.from_balance, self.period_ends)

    @reservation.setter
    def reservation(self, taken: Reservation) -> None:
        self.from_allowance, self.from_balance = taken.from_allowance, taken.from_balance
        self.period_ends = taken.period_ends
