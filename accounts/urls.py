from django.urls import path

from accounts import bookkeeping, keyring, profile, resets, views
from accounts.payments import webhook

urlpatterns = [
    path("register", views.RegisterView.as_view(), name="register"),
    path("login", views.LoginView.as_view(), name="login"),
    path("logout", views.LogoutView.as_view(), name="logout"),
    path("password-reset", resets.PasswordResetView.as_view(), name="password-reset"),
    path("account", profile.AccountView.as_view(), name="account"),
    path("account/password", profile.PasswordView.as_view(), name="account-password"),
    path("account/ledger", bookkeeping.LedgerView.as_view(), name="ledger"),
    path("tokens", keyring.TokenListView.as_view(), name="tokens"),
    path("tokens/<int:id>", keyring.TokenView.as_view(), name="token"),
    path("increase-limit", bookkeeping.IncreaseLimitView.as_view(), name="increase-limit"),
    path("payments/stripe/webhook", webhook.StripeWebhookView.as_view(), name="stripe-webhook"),
]
