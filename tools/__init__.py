"""Measurements and comparisons that need a checkout: `python -m tools.NAME`."""
