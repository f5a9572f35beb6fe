"""Processes that draw: what they take up, how they begin and end, what others know of them."""
