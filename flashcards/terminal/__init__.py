"""What a command prints: text that is safe for a terminal, and how far it is."""
