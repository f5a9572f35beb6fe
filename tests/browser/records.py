"""A row of everything that staff look at, so that each list has something to show. Nothing of it is ever acted on."""

from django.contrib.admin.models import CHANGE, LogEntry
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import Invitation, LimitIncrease, Plan, Purchase, User
from generation.benchmark.population import populate
from generation.models import GeneratedImage, Generation, Webhook, WebhookDelivery, WebhookEvent
from generation.models.deliveries import DeliveryState


def make() -> None:
    carol = User.objects.get(is_superuser=True)
    others = list(User.objects.values_list("pk", flat=True))
    populate(users=3, generations=12)
    alice, bob, charlie = User.objects.exclude(pk__in=others)
    # They have no files.
    GeneratedImage.objects.filter(generation__user__in=[alice, bob, charlie]).delete()
    Plan.objects.create(name="patron", allowance=500)
    Invitation.objects.invite(carol)
    LimitIncrease.objects.ask(alice, 50, "A book for children")
    Purchase.objects.ask(
        bob, 100, "More", amount=500, currency="eur", return_url="https://example.com/account/"
    )
    TOTPDevice.objects.create(user=alice, name="Telephone")
    StaticDevice.objects.create(user=alice, name="Recovery codes").token_set.create(token="a1b2c3d4")
    LogEntry.objects.log_actions(carol.pk, [alice], CHANGE, "Changed the plan.", single_object=True)
    tell(Generation.objects.filter(user__in=[alice, bob, charlie])[:1].get())


def tell(generation: Generation) -> None:
    webhook = Webhook.objects.create(
        generation=generation, url="https://example.com/told", events=list(WebhookEvent)
    )
    WebhookDelivery.objects.create(
        webhook=webhook,
        user_id=generation.user_id,
        event=WebhookEvent.SUCCEEDED,
        state=DeliveryState.DELIVERED,
    )
