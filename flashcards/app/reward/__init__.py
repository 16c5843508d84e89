"""Rewards in place of answers: tries, what each earned, and whether it is true."""
