"""What proves that somebody has read a letter of ours. It works once, for a day, and is kept nowhere."""

from typing import Any

from django.contrib.auth.tokens import PasswordResetTokenGenerator


class Proof(PasswordResetTokenGenerator):
    """Signed over what its use changes, so that there is no second use."""

    def write(self, user: Any) -> str:
        return f"{user.pk.hex}-{self.make_token(user)}"


class AddressProof(Proof):
    """Of an e-mail address, that of a new account or the new one of an old account."""

    key_salt = "accounts.proofs.AddressProof"

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{user.pk}{timestamp}{user.email}{user.new_email}{user.awaits_confirmation}"


password_proof = Proof()
address_proof = AddressProof()
