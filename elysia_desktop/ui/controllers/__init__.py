"""Connects pages to services: a widget emits, a controller starts a task, the service yields, the page shows."""
