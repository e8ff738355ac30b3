"""The embedded data store: one folder with an SQLite file, full-text search and vectors."""

from elysia_desktop.stores.library.library import Library

__all__ = ["Library"]
