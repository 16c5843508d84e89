"""A mistake or a limit that stops a command, as one sentence for the user."""

ENDED_BY_SIGNAL = 128  # plus the signal's number: the code that shells know, 130 after Ctrl-C


class Terminated(KeyboardInterrupt):
    """SIGTERM came: it ends a command as Ctrl-C does, with a word and an exit code of its own."""


class UserError(Exception):
    """The command line prints the message and ends with exit code 1.
    `needs_option`: an option has to be given, so on the screen no key helps."""

    def __init__(self, *args: object, needs_option: bool = False) -> None:
        super().__init__(*args)
        self.needs_option = needs_option
