"""Bets: predict first, then see. What was predicted stays on the screen until it is settled."""
