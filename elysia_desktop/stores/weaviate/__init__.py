"""Weaviate: where it is, the clients that everyone shares, and the data store on top of them."""
