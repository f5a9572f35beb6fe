"""How people come in: accounts are made, addresses confirmed, forgotten passwords replaced."""

import uuid
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.password_validation import validate_password
from django.db import IntegrityError, transaction

from accounts import mail
from accounts.exceptions import EmailTaken, InvalidLetter
from accounts.models.invitations import Invitation
from accounts.models.plans import Plan
from accounts.proofs import Proof, address_proof, password_proof

if TYPE_CHECKING:
    from accounts.models.users import User


class UserManager(BaseUserManager["User"]):
    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """Addresses are compared and kept in lower case: nobody has two accounts that differ in case."""
        return (email or "").strip().lower()

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=self.normalize_email(username))

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self._prepared(email, password, **fields)
        user.save(using=self._db)
        return user

    def _prepared(self, email: str, password: str | None, **fields: Any) -> "User":
        fields.setdefault("plan", Plan.objects.filter(is_default=True).first())
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def register(
        self, page: str, *, email: str, password: str, display_name: str = "", invitation: str = ""
    ) -> "User | None":
        """Make an account as `REGISTRATION` has it, and give it if it can be used at once.

        Where addresses are confirmed a taken one looks like any other, and its owner is written to; else it raises
        `EmailTaken`. Raises also `InvitationRequired`, `InvitationInvalid`, and Django's `ValidationError` of a weak
        password.
        """
        validate_password(password, self.model(email=email, display_name=display_name))
        user = self._prepared(
            email,
            password,
            display_name=display_name,
            awaits_confirmation=settings.EMAIL_CONFIRMATION,
            awaits_approval=settings.REGISTRATION == "approved",
        )
        if self._add(user, invitation):
            if user.awaits_confirmation:
                mail.ask_to_confirm(user.email, page, address_proof.write(user))
            return user if user.may_enter else None
        if not settings.EMAIL_CONFIRMATION:
            raise EmailTaken
        self.tell_owner(page, user.email)
        return None

    def _add(self, user: "User", invitation: str) -> bool:
        """Save a new user against an invitation, where one is needed; say whether the address was free."""
        try:
            with transaction.atomic():
                if settings.REGISTRATION == "invited":
                    Invitation.objects.redeem(invitation, user.email)
                user.save(force_insert=True)
        except IntegrityError:
            return False
        return True

    def tell_owner(self, page: str, email: str) -> None:
        """Somebody wants to use an address that is taken. If it was never confirmed, its own letter goes out again."""
        owner = self.filter(email=email, is_active=True).first()
        if owner is None:
            return
        if owner.awaits_confirmation:
            mail.ask_to_confirm(owner.email, page, address_proof.write(owner))
        else:
            mail.tell_taken(owner.email, page)

    def confirm(self, proof: str) -> "User":
        """Take an address as confirmed, whether of a new account or a new one of an old account.

        Raises `InvalidLetter`, and `EmailTaken` if somebody else has it by now.
        """
        user = self._reader(address_proof, proof)
        email = user.new_email or user.email
        same = self.filter(pk=user.pk, email=user.email, new_email=user.new_email)
        try:
            with transaction.atomic():
                if not same.update(email=email, new_email="", awaits_confirmation=False):
                    raise InvalidLetter
        except IntegrityError as error:
            raise EmailTaken from error
        if user.new_email:
            mail.tell_new_address(user.email)
        user.refresh_from_db()
        return user

    def send_reset(self, page: str, email: str) -> None:
        """Write to the owner of an address, if there is one. Whoever asks learns nothing of it."""
        user = self.filter(email=self.normalize_email(email), is_active=True).first()
        if user is not None:
            mail.send_reset(user.email, page, password_proof.write(user))

    def reset(self, proof: str, password: str) -> "User":
        """Set the password of whoever read the letter, who has thereby confirmed the address too.

        Raises `InvalidLetter`, and Django's `ValidationError` of a weak password.
        """
        user = self._reader(password_proof, proof)
        if not user.change_password(password, awaits_confirmation=False):
            raise InvalidLetter
        return user

    def _reader(self, kind: Proof, proof: str) -> "User":
        """Who has read the letter with this proof."""
        owner, _, _signature = proof.partition("-")
        try:
            user = self.filter(pk=uuid.UUID(hex=owner), is_active=True).first()
        except ValueError:
            user = None
        if user is None or not kind.check_token(user, _signature):
            raise InvalidLetter
        return user
