"""Long documents in pieces, so that a model reads the parts that matter."""
