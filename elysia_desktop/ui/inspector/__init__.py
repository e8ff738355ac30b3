"""The right dock: how an answer came about and what was found on the way."""
