"""Repairs of Textual itself, mostly in its private parts. Written for Textual 8.2."""
