"""Styles of parts of a dialog's text, of theme variables only."""

MUTED = "$foreground 65%"
"""Labels and hints. Not `$text-muted`: inside a text that comes out brighter than the rest."""

HEADING = "bold $text-accent"
"""Names of groups, letters to press."""
