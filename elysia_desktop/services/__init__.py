"""What the person can do: ask, stop, browse, configure, remember. Async, without Qt."""
