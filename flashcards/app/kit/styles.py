"""Styles of parts of a dialog's text, of theme variables only."""

MUTED = "$muted"
"""Labels and hints."""

HEADING = "bold $text-accent"
"""Names of groups, letters to press."""
