"""The output of a command: text that is safe for a terminal, and how far it is."""
