"""The text of files, with the passages that answers cite."""
