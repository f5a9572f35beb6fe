"""What the account operations take and give."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Quota, User
from accounts.strict import StrictSerializer


class NewPasswordField(serializers.CharField):
    """A password to be; how good it is, the user's methods judge."""

    def __init__(self) -> None:
        super().__init__(
            min_length=8,
            max_length=128,
            trim_whitespace=False,
            write_only=True,
            style={"input_type": "password"},
            help_text="Not common, not all digits, not close to the address or the name.",
        )


class PasswordField(serializers.CharField):
    """A password that is there already."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            min_length=1,
            max_length=128,
            trim_whitespace=False,
            write_only=True,
            style={"input_type": "password"},
            **options,
        )


class LetterTokenField(serializers.CharField):
    def __init__(self) -> None:
        super().__init__(
            min_length=1, max_length=200, write_only=True, help_text="As it stands in the letter."
        )


class RegisterRequest(StrictSerializer):
    email = serializers.EmailField(
        max_length=254, help_text="The address to log in with; upper and lower case count as the same."
    )
    password = NewPasswordField()
    display_name = serializers.CharField(
        max_length=80, default="", allow_blank=True, help_text="How to call you."
    )

    invitation = serializers.CharField(
        min_length=1,
        max_length=64,
        required=False,
        write_only=True,
        help_text="Needed where only those who were invited can register, and refused elsewhere.",
    )

    def validate_invitation(self, invitation: str) -> str:
        if settings.REGISTRATION != "invited":
            raise serializers.ValidationError(
                gettext("Nobody needs an invitation here. Send none."), code="not_needed"
            )
        return invitation


class ConfirmRequest(StrictSerializer):
    token = LetterTokenField()


class NoticeSerializer(serializers.Serializer):
    """What has to happen next."""

    code = serializers.ChoiceField(
        choices=["email_unconfirmed", "approval_pending", "letter_sent"],
        help_text="The stable name of what is waited for.",
    )
    detail = serializers.CharField(help_text="The same in a sentence.")


class LoginRequest(StrictSerializer):
    email = serializers.EmailField(max_length=254)
    password = PasswordField()


class ResetRequest(StrictSerializer):
    email = serializers.EmailField(max_length=254, help_text="The address that you log in with.")


class NewPasswordRequest(StrictSerializer):
    token = LetterTokenField()
    password = NewPasswordField()


class PasswordRequest(StrictSerializer):
    current_password = PasswordField()
    new_password = NewPasswordField()


class ProfileRequest(StrictSerializer):
    display_name = serializers.CharField(max_length=80, required=False, allow_blank=True)
    email = serializers.EmailField(
        max_length=254, required=False, help_text="Another address to log in with; it needs `password`."
    )
    password = PasswordField(required=False, help_text="The present one.")
    prompts_in_pictures = serializers.BooleanField(
        required=False,
        help_text="Whether the files of pictures that are drawn from now on tell their prompts.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "email" in attrs and "password" not in attrs:
            raise serializers.ValidationError(
                {"password": serializers.ErrorDetail(gettext("Another address needs it."), code="required")}
            )
        return attrs


class CloseRequest(StrictSerializer):
    password = PasswordField()


class UserSerializer(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ["id", "email", "display_name", "created_at"]
        read_only_fields = fields
        extra_kwargs = {"display_name": {"help_text": "Empty if none was given."}}


class SessionSerializer(serializers.Serializer):
    """A user who is logged in, with the token to send from now on."""

    user = UserSerializer()
    token = serializers.CharField(help_text="Shown once. The server keeps only its digest.")
    expires_at = serializers.DateTimeField()


class QuotaSerializer(serializers.Serializer[Quota]):
    """The caller's credits as they are now."""

    limit = serializers.IntegerField(read_only=True, help_text="The allowance of a period.")
    used = serializers.IntegerField(read_only=True, help_text="What of the allowance is spent or reserved.")
    remaining = serializers.IntegerField(
        read_only=True, help_text="What can be spent now, `limit - used + balance`."
    )
    resets_at = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="When the allowance starts anew; null if it never does."
    )
    balance = serializers.IntegerField(
        read_only=True, help_text="Bought and granted credits, which do not expire."
    )


class AccountLimitsSerializer(serializers.Serializer):
    """The limits that may differ from account to account."""

    max_pixels = serializers.IntegerField(help_text="The most that `width * height` may be.")
    max_steps = serializers.IntegerField(help_text="The most that `num_inference_steps` may be.")
    max_images = serializers.IntegerField(help_text="The most that `num_images` may be.")
    max_unfinished = serializers.IntegerField(
        help_text="The most generations that may wait or run at the same time."
    )
    rate_limit = serializers.IntegerField(help_text="The most generations that may be asked for in a minute.")
    retention_days = serializers.IntegerField(
        help_text="How many days pictures are kept once they are drawn; 0 for ever."
    )


class AccountSerializer(UserSerializer):
    plan = serializers.CharField(
        source="terms.plan",
        allow_null=True,
        read_only=True,
        help_text="The name of the plan; null where what the service gives to everybody holds.",
    )
    quota = serializers.SerializerMethodField()
    limits = AccountLimitsSerializer(source="terms")

    class Meta(UserSerializer.Meta):
        fields = [*UserSerializer.Meta.fields, "plan", "prompts_in_pictures", "quota", "limits"]
        read_only_fields = fields
        extra_kwargs = UserSerializer.Meta.extra_kwargs | {
            "prompts_in_pictures": {
                "help_text": "Whether the files of pictures tell the prompts that they were drawn from."
            }
        }

    @extend_schema_field(QuotaSerializer)
    def get_quota(self, user: User) -> dict[str, Any]:
        return QuotaSerializer(Quota.objects.current(user)).data
