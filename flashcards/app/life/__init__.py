"""A model taught one deck after another: remedies against forgetting, and what they do."""
