"""How values are written for people, by language."""
