"""The rooms of staff: people, their plans, and their credits."""

from accounts.admin import credits, increases, people, plans

__all__ = ["credits", "increases", "people", "plans"]
