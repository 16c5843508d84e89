"""Which model `--model` names: a folder or file, or OWNER/NAME of the Hugging Face hub.

What the hub holds is downloaded only when a person at the terminal says yes to its size and its
licence. The cache is that of `huggingface_hub`, which goes on where a download was broken off.
"""

import importlib
import re
import sys
from pathlib import Path
from typing import Any

from flashcards.base.errors import UserError
from flashcards.base.extras import how_to_install
from flashcards.cards.printable import printable
from flashcards.terminal.output import print_line

FILES = (
    *("config.json", "generation_config.json", "*.safetensors", "model.safetensors.index.json"),
    *("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"),
)
"""Nothing else of a repository is wanted, and no code is among it."""

REPOSITORY = re.compile(r"\w[\w.-]*/[\w.-]+")


def path_of(name: str) -> str:
    """The path of the model that is named so, for a process that may stand elsewhere.
    Raises UserError: it must be downloaded, and nobody said yes."""
    path = Path(name).expanduser()
    if path.exists() or not REPOSITORY.fullmatch(name):
        return str(path.absolute())
    return _of_hub(name)


def _of_hub(name: str) -> str:
    try:
        hub: Any = importlib.import_module("huggingface_hub")
    except ImportError:
        how = how_to_install("pretrained")
        raise UserError(f"{name} is not here; the hub needs huggingface_hub: {how}") from None
    try:
        return str(hub.snapshot_download(name, allow_patterns=FILES, local_files_only=True))
    except (OSError, ValueError):  # it is not in the cache
        pass
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UserError(
            f"{name} is neither a folder nor in the cache of the Hugging Face hub; in a terminal "
            "this command asks whether to download it"
        )
    try:
        info = hub.HfApi().model_info(name, files_metadata=True)
    except Exception as error:  # the hub's own, and those of whatever it loads over
        raise UserError(f"{name} can't be found on the hub: {_first_line(error)}") from error
    wanted = hub.utils.filter_repo_objects(
        info.siblings, allow_patterns=FILES, key=lambda file: file.rfilename
    )
    size = sum(file.size or 0 for file in wanted) / 1e6
    license_name = printable(str((info.card_data or {}).get("license", "not stated")))
    print_line(f"{name}: {size:,.0f} MB to download; licence: {license_name}.")
    try:
        answer = input("Download it? [y/N] ")
    except EOFError:
        answer = ""
    if answer.strip().lower() not in ("y", "yes"):
        raise UserError(f"{name} was not downloaded")
    try:
        return str(hub.snapshot_download(name, allow_patterns=FILES))
    except KeyboardInterrupt:
        raise UserError(f"the download of {name} was broken off; run it again to resume") from None
    except Exception as error:
        raise UserError(
            f"the download of {name} failed ({_first_line(error)}); run it again to resume"
        ) from error


def _first_line(error: Exception) -> str:
    return printable(str(error).strip().partition("\n")[0])
