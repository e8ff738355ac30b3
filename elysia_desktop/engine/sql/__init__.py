"""Requests that a model writes as SQL: the notation that small models know best."""
