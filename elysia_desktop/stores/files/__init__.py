"""The files of conversations: read, cut into passages, kept."""
