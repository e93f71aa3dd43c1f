"""Search: metadata of the last 14 days, never a text."""
