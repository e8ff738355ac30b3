"""The files of a conversation: how they come in, and how they are shown beside the question."""
