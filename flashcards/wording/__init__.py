"""Facts of a run in words: one sentence for each fact, for screen, lines and page."""
