"""The rooms of staff: people, and their credits."""

from accounts.admin import credits, increases, people

__all__ = ["credits", "increases", "people"]
