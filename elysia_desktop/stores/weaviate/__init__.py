"""Weaviate: where it is, and the clients that everyone shares."""
