"""A run once more, from its log and saved states: replayed, gone to, verified, branched."""
