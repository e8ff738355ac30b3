"""Plain data: objects, environment, requests, schema, settings, errors. No I/O and no event loop."""
