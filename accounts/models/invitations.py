"""Invitations, for a service where only those who were invited can register."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.exceptions import InvitationInvalid, InvitationRequired
from accounts.tokens import INVITATION_PREFIX, digest, is_well_formed, new_token


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def invite(
        self, created_by: Any, email: str = "", uses: int = 1, expires_at: datetime | None = None
    ) -> tuple["Invitation", str]:
        """Make an invitation; its secret, the second part, is not kept and cannot be had again."""
        invitation = Invitation(created_by=created_by, email=email, uses=uses, expires_at=expires_at)
        return invitation, invitation.issue()

    def redeem(self, secret: str, email: str) -> None:
        """Use one up for an account with this address. Raises `InvitationRequired`, `InvitationInvalid`."""
        if not secret:
            raise InvitationRequired
        if not is_well_formed(secret, INVITATION_PREFIX):
            raise InvitationInvalid
        good = self.filter(
            Q(expires_at=None) | Q(expires_at__gt=timezone.now()),
            Q(email="") | Q(email=email),
            digest=digest(secret),
            used__lt=F("uses"),
        )
        if not good.update(used=F("used") + 1):
            raise InvitationInvalid


class Invitation(models.Model):
    """What lets somebody register. Only the digest of its secret is kept."""

    digest = models.CharField(max_length=64, unique=True, editable=False)
    start = models.CharField(max_length=8, editable=False, help_text="To recognise it by.")
    email = models.EmailField(
        "e-mail address", blank=True, help_text="The only address that can use it; empty for any."
    )
    uses = models.PositiveIntegerField(default=1, help_text="How many accounts can be made with it.")
    used = models.PositiveIntegerField(default=0, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Empty if it never does.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", editable=False
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(used__lte=F("uses")),
                name="invitation_used_within_uses",
                violation_error_message="It was used more often already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.start}… for {self.email or 'anybody'}"

    def clean(self) -> None:
        """Addresses are compared in lower case, as those of users are."""
        self.email = self.email.strip().lower()

    def issue(self) -> str:
        """Save it with a new secret, which is given here and nowhere else."""
        secret = new_token(INVITATION_PREFIX)
        self.digest, self.start = digest(secret), secret[:8]
        self.clean()
        self.save()
        return secret
