"""Tools that every part may import: errors, the system, the language. Standard library only."""
