"""Charts: what they are, and how they are drawn from the objects that were found."""
