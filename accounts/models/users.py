"""People, known by their e-mail addresses."""

import uuid
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.models.plans import Plan, PlanOverrides, Terms


class UserManager(BaseUserManager["User"]):
    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """Addresses are compared and kept in lower case: nobody has two accounts that differ in case."""
        return (email or "").strip().lower()

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=self.normalize_email(username))

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        fields.setdefault("plan", Plan.objects.filter(is_default=True).first())
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person, known by the e-mail address."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField("e-mail address", unique=True)
    display_name = models.CharField(max_length=80, blank=True)
    is_active = models.BooleanField(
        "active", default=True, help_text="An inactive account is kept, and refused."
    )
    is_staff = models.BooleanField("staff", default=False, help_text="May use this admin site.")
    plan = models.ForeignKey(
        Plan,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,  # user_newest_of_plan begins with it
        related_name="users",
        help_text="Without one, what the service gives to everybody holds.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="user_newest"),
            models.Index(fields=["plan", "-created_at", "-id"], name="user_newest_of_plan"),
        ]
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_ignoring_case")]

    def __str__(self) -> str:
        return self.email

    def clean(self) -> None:
        super().clean()
        self.email = User.objects.normalize_email(self.email)

    @property
    def terms(self) -> Terms:
        """What this user may do. It makes no query where the plan and the overrides were read with the user."""
        overrides: PlanOverrides | None = getattr(self, "overrides", None)
        return Terms.of(self.plan, overrides)

    def manages(self, relation: str = "") -> models.Q:
        """Those whose accounts this member of staff may change: accounts of staff are with superusers.

        `relation` leads to the user from where it is asked, like `user__`.
        """
        if self.is_superuser:
            return models.Q()
        return models.Q(**{f"{relation}is_staff": False, f"{relation}is_superuser": False})

    def may_manage(self, other: "User") -> bool:
        return self.is_superuser or not (other.is_staff or other.is_superuser)
