"""The rooms of staff: generations."""

from generation.admin import generations

__all__ = ["generations"]
