"""The model that `--model` names; one of the hub is downloaded after a yes at the terminal."""

import sys

from flashcards.base.errors import UserError
from flashcards.terminal.output import print_line
from flashcards.trainer import bringing


def path_of(name: str) -> str:
    """The path of the model so named. Raises UserError: nobody said yes to its download."""
    path = bringing.local_path(name)
    if path is not None:
        return path
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UserError(
            f"{name} is neither a folder nor in the cache of the Hugging Face hub; in a terminal "
            "this command asks whether to download it"
        )
    offered = bringing.offer(name)
    size = offered.size_bytes / 1e6
    print_line(f"{name}: {size:,.0f} MB to download; licence: {offered.license}.")
    try:
        answer = input("Download it? [y/N] ")
    except EOFError:
        answer = ""
    if answer.strip().lower() not in ("y", "yes"):
        raise UserError(f"{name} was not downloaded")
    return bringing.download(name)
