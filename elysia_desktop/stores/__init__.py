"""Where data, conversations and secrets are kept."""
