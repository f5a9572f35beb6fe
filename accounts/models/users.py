"""People, known by their e-mail addresses."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.contrib.auth.password_validation import validate_password
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Lower
from django.utils import timezone

from accounts import mail
from accounts.connections import let_go
from accounts.exceptions import AccountDisabled, ApprovalPending, DeedsRemain, EmailTaken, EmailUnconfirmed
from accounts.models.arrivals import UserManager
from accounts.models.plans import Plan, PlanOverrides, Terms
from accounts.proofs import address_proof


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
    awaits_confirmation = models.BooleanField(
        default=False, help_text="Refused until the link in a letter to the address is opened."
    )
    awaits_approval = models.BooleanField(default=False, help_text="Refused until staff approve the account.")
    new_email = models.EmailField(
        "new e-mail address", blank=True, help_text="Takes the old one's place once it is confirmed."
    )
    prompts_in_pictures = models.BooleanField(
        default=True, help_text="The files of pictures tell the prompts that they were drawn from."
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
            models.Index(
                fields=["-created_at", "-id"],
                condition=models.Q(awaits_approval=True),
                name="user_awaiting_approval",
            ),
        ]
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_ignoring_case")]

    def __str__(self) -> str:
        return self.email

    def clean(self) -> None:
        super().clean()
        self.email = User.objects.normalize_email(self.email)

    def set_password(self, raw_password: str | None) -> None:
        let_go()
        super().set_password(raw_password)

    def check_password(self, raw_password: str | None) -> bool:
        """To compute a password's hash takes long on purpose; nobody holds a connection meanwhile."""
        let_go()
        return super().check_password(raw_password)

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

    @property
    def may_enter(self) -> bool:
        return self.is_active and not self.awaits_confirmation and not self.awaits_approval

    def admit(self) -> None:
        """Raises what keeps this account out, if anything does."""
        if not self.is_active:
            raise AccountDisabled
        if self.awaits_confirmation:
            raise EmailUnconfirmed
        if self.awaits_approval:
            raise ApprovalPending

    def approve(self, page: str) -> bool:
        """Let the account in and tell its owner; say whether it was still waiting."""
        approved = User.objects.filter(pk=self.pk, awaits_approval=True).update(awaits_approval=False) == 1
        if approved:
            mail.tell_approval(self.email, page)
        return approved

    def change_password(self, password: str, keep: Any = None, **changes: Any) -> bool:
        """Set another password, end all sessions and revoke all tokens but `keep`; say whether nobody was faster.

        Raises Django's `ValidationError` of a weak password.
        """
        validate_password(password, self)
        same = User.objects.filter(pk=self.pk, password=self.password)
        self.set_password(password)
        with transaction.atomic():
            if not same.update(password=self.password, **changes):
                return False
            self.tokens.exclude(pk=keep and keep.pk).delete()
        mail.tell_new_password(self.email)
        return True

    def leave(self) -> None:
        """Delete the account and all that is its own. Raises `DeedsRemain` where the audit trail would be cut."""
        if LogEntry.objects.filter(user=self).exists():
            raise DeedsRemain
        with transaction.atomic():
            # What is sent in this moment waits, and then belongs to nobody; else it would keep the account's row.
            User.objects.select_for_update().filter(pk=self.pk).first()
            self.delete()

    def change_email(self, page: str, email: str) -> bool:
        """Move to another address, or where addresses are confirmed write to it; say whether it is done.

        Raises `EmailTaken`, but not where addresses are confirmed.
        """
        email = User.objects.normalize_email(email)
        if email == self.email:
            return True
        if settings.EMAIL_CONFIRMATION:
            self._ask_for_address(page, email)
            return False
        try:
            with transaction.atomic():
                User.objects.filter(pk=self.pk).update(email=email, new_email="")
        except IntegrityError as error:
            raise EmailTaken from error
        mail.tell_new_address(self.email)
        self.email = email
        return True

    def _ask_for_address(self, page: str, email: str) -> None:
        if User.objects.filter(email=email).exists():
            User.objects.tell_owner(page, email)
            return
        self.new_email = email
        self.save(update_fields=["new_email"])
        mail.ask_to_confirm(email, page, address_proof.write(self))
