"""How much a user may do: their own overrides come first, then their plan, then what the service gives to everybody."""

from dataclasses import dataclass

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

MOST = 2**31 - 1
# A hundred years, which dates can be moved by.
MOST_DAYS = 36_500
at_least_one = MinValueValidator(1)
bounded = MaxValueValidator(MOST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What holds for one user, or for who has no plan. No number is above the service's own."""

    plan: str | None
    allowance: int
    max_pixels: int
    max_steps: int
    max_images: int
    max_unfinished: int
    rate_limit: int
    retention_days: int
    priority: int

    @classmethod
    def of(cls, plan: "Plan | None" = None, overrides: "PlanOverrides | None" = None) -> "Terms":
        sources = [source for source in (overrides, plan) if source is not None]

        def say(name: str, otherwise: int) -> int:
            values = (getattr(source, name) for source in sources)
            return next((value for value in values if value is not None), otherwise)

        def at_most(name: str, ceiling: int) -> int:
            return min(say(name, ceiling), ceiling)

        return cls(
            plan=plan.name if plan else None,
            allowance=say("allowance", settings.DEFAULT_ALLOWANCE),
            max_pixels=at_most("max_pixels", settings.MAX_PIXELS),
            max_steps=at_most("max_steps", settings.MAX_STEPS),
            max_images=at_most("max_images", settings.MAX_IMAGES),
            max_unfinished=min(say("max_unfinished", settings.DEFAULT_UNFINISHED), settings.QUEUE_LIMIT),
            rate_limit=say("rate_limit", settings.DEFAULT_RATE_LIMIT),
            retention_days=say("retention_days", settings.PICTURES_RETENTION_DAYS),
            priority=say("priority", 0),
        )


class PlanTerms(models.Model):
    """The columns of plans and overrides; an empty one leaves it to whoever comes next."""

    allowance = models.PositiveBigIntegerField(
        null=True, blank=True, validators=[bounded], help_text="Credits per period."
    )
    max_pixels = models.PositiveIntegerField(
        "most pixels",
        null=True,
        blank=True,
        validators=[at_least_one, bounded],
        help_text="Width times height.",
    )
    max_steps = models.PositiveIntegerField(
        "most steps", null=True, blank=True, validators=[at_least_one, bounded], help_text="Of one request."
    )
    max_images = models.PositiveIntegerField(
        "most images", null=True, blank=True, validators=[at_least_one, bounded], help_text="Of one request."
    )
    max_unfinished = models.PositiveIntegerField(
        "most unfinished",
        null=True,
        blank=True,
        validators=[at_least_one, bounded],
        help_text="Generations that wait or run at the same time.",
    )
    rate_limit = models.PositiveIntegerField(
        null=True, blank=True, validators=[at_least_one, bounded], help_text="Generations a minute."
    )
    retention_days = models.PositiveIntegerField(
        "days of retention",
        null=True,
        blank=True,
        validators=[MaxValueValidator(MOST_DAYS)],
        help_text="After which pictures are removed; 0 for never.",
    )
    priority = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[bounded],
        help_text="Of users with equally much under way, the highest goes first; 0 without a plan.",
    )

    class Meta:
        abstract = True


class Plan(PlanTerms):
    """What users of a kind may do. An empty number is the service's own."""

    name = models.CharField(max_length=80, unique=True)
    description = models.CharField(max_length=200, blank=True)
    is_default = models.BooleanField("default", default=False, help_text="New users get this plan.")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True),
                name="plan_one_default",
                violation_error_message="Another plan is the default.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class PlanOverrides(PlanTerms):
    """What one user may do beside the plan. An empty number is the plan's."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="overrides")

    class Meta:
        verbose_name = verbose_name_plural = "overrides of the plan"

    def __str__(self) -> str:
        return f"overrides of {self.user}"
