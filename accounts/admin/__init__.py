"""The rooms of staff: people, their plans, their credits, and what they bought."""

from accounts.admin import credits, increases, people, plans, purchases, tokens

__all__ = ["credits", "increases", "people", "plans", "purchases", "tokens"]
