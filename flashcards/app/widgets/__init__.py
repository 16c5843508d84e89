"""Widgets that several rooms use, and how text is drawn in cells."""
