"""Scenarios compared on common luck: what parts them, how sure that is, and how much of it is ignorance or luck."""
