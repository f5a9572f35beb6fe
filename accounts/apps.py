from django.apps import AppConfig
from django.core.checks import register

from accounts.payments.checks import payment_settings


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        register(payment_settings)
