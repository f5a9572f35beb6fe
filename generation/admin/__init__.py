"""The rooms of staff: generations, and what was told of them."""

from generation.admin import deliveries, generations

__all__ = ["deliveries", "generations"]
