"""What credits cost, and how an amount is written."""

from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings

# Currencies without cents, and those with a thousand parts (docs.stripe.com/currencies).
NO_DECIMALS = frozenset(
    "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split()  # noqa: SIM905
)
THREE_DECIMALS = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})


def is_set_up() -> bool:
    """Whether credits can be bought: with a price, and with a way to hear of the payment."""
    return bool(settings.STRIPE_SECRET_KEY and settings.STRIPE_WEBHOOK_SECRET and settings.CREDIT_PRICE)


def price_of(number: int) -> int:
    """What so many credits cost, in the currency's smallest unit."""
    exact: Decimal = settings.CREDIT_PRICE * number
    return max(1, int(exact.quantize(Decimal(1), ROUND_HALF_UP)))


def decimals(currency: str) -> int:
    return 0 if currency in NO_DECIMALS else 3 if currency in THREE_DECIMALS else 2


def in_units(amount: int, currency: str) -> Decimal:
    """An amount in the currency's own unit, with all of its decimals: 12.50, 1250."""
    return Decimal(amount).scaleb(-decimals(currency))


def in_words(amount: int, currency: str) -> str:
    """An amount as people write it: 12.50 EUR, 1250 JPY."""
    return f"{in_units(amount, currency)} {currency.upper()}"
