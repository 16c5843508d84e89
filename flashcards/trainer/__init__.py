"""The process that teaches, and the client with which a parent drives it."""
