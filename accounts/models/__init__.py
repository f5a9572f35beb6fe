"""Who may do what, and what it costs."""

from accounts.models.increases import IncreaseStatus, LimitIncrease
from accounts.models.ledger import Kind, LedgerEntry
from accounts.models.plans import Plan, PlanOverrides, Terms
from accounts.models.quotas import Quota, Reservation
from accounts.models.tokens import AuthToken, Scope
from accounts.models.users import User

__all__ = [
    "AuthToken",
    "IncreaseStatus",
    "Kind",
    "LedgerEntry",
    "LimitIncrease",
    "Plan",
    "PlanOverrides",
    "Quota",
    "Reservation",
    "Scope",
    "Terms",
    "User",
]
