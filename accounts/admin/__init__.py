"""The rooms of staff: how people come in, their plans, their credits, and what they bought."""

from accounts.admin import arrivals, credits, increases, people, plans, purchases, tokens

__all__ = ["arrivals", "credits", "increases", "people", "plans", "purchases", "tokens"]
