"""What is learned about a collection before anyone asks."""
