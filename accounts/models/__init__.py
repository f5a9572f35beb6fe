"""Who may do what, and what it costs."""

from accounts.models.increases import IncreaseStatus, LimitIncrease
from accounts.models.invitations import Invitation
from accounts.models.ledger import Kind, LedgerEntry
from accounts.models.plans import Plan, PlanOverrides, Terms
from accounts.models.purchases import Dispute, DisputeState, Payment, Purchase, StripeEvent
from accounts.models.quotas import Quota, Reservation
from accounts.models.tokens import AuthToken, Scope
from accounts.models.users import User

__all__ = [
    "AuthToken",
    "Dispute",
    "DisputeState",
    "IncreaseStatus",
    "Invitation",
    "Kind",
    "LedgerEntry",
    "LimitIncrease",
    "Payment",
    "Plan",
    "PlanOverrides",
    "Purchase",
    "Quota",
    "Reservation",
    "Scope",
    "StripeEvent",
    "Terms",
    "User",
]
