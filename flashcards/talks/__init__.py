"""Talks: cue sheets in Markdown. Standard library and msgspec; no screen, no trainer."""
