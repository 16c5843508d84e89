"""What a command can't do, as one sentence for the user."""


class UserError(Exception):
    """The command line prints the message and ends with exit code 1."""
