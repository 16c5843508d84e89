"""A folder in Hugging Face layout as files: which hold its numbers, what the small ones say.

Loads no torch: whoever only wants to know what is there need not wait for it.
"""

import importlib
from pathlib import Path
from typing import Any

import msgspec

from flashcards.base.decoding import decode_json
from flashcards.base.errors import UserError
from flashcards.base.extras import HOW_TO_GET_A_MODEL, how_to_install
from flashcards.cards.printable import printable
from flashcards.runs.run_files import read_file

OWN, OWN_TOKENIZER = "flashcards", "flashcards-tokenizer.model"
"""The names that this program's own models have in config.json, and their tokenizer's file."""

MAX_JSON_BYTES = 64 << 20  # of tokenizer.json, the largest: of 200,000 pieces it has 20 MB


class PretrainedError(UserError):
    """A brought model can't be used; the message says which file, why, and what to do."""


def first_line(error: Exception) -> str:
    """The first line of its message, or its kind where it has none. A line that ends in a colon
    says nothing without the next one."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    n_lines = 2 if lines[0].endswith(":") else 1
    return printable(" ".join(line.strip() for line in lines[:n_lines]))


def package(name: str) -> Any:
    """One of the packages of the extra `pretrained`.
    Raises PretrainedError: it isn't installed; how to install it."""
    try:
        return importlib.import_module(name)
    except ImportError:
        how = how_to_install("pretrained")
        text = f"a model that others have trained needs the package {name}: {how}"
        raise PretrainedError(text) from None


def check_is_model(path: Path) -> None:
    """Raises PretrainedError: there is nothing at this path, or no model."""
    if not path.exists():
        raise PretrainedError(f"there is no model at {path}; {HOW_TO_GET_A_MODEL}")
    if path.is_file() and path.suffix != ".gguf":
        raise PretrainedError(
            f"{path} is no model: name a folder with config.json and safetensors, or a GGUF file"
        )


def read_own(path: Path) -> bytes:
    """A small file of a brought folder. A link leads to a file of that folder, or to the blobs of
    the hub's cache that the folder is in. Raises PretrainedError: it leads elsewhere, or can't be
    read."""
    try:
        return read_file(_own_target(path), MAX_JSON_BYTES)
    except OSError as error:
        raise PretrainedError(f"{path} can't be read: {error.strerror or error}") from error


def read_json(path: Path) -> dict[str, Any]:
    try:
        return decode_json(read_own(path), dict[str, Any])
    except msgspec.DecodeError as error:
        raise PretrainedError(f"{path} is damaged: {error}") from error


def numbers_in(path: Path) -> list[Path]:
    """The files with the numbers, in order. Raises PretrainedError: there are none, or not all."""
    index = path / "model.safetensors.index.json"
    files = sorted(path.glob("*.safetensors"))
    if index.is_file():
        names = read_json(index).get("weight_map", {})
        files = sorted({path / Path(str(name)).name for name in names.values()})
    missing = [file.name for file in files if not file.is_file()]
    if not index.is_file() and any("-of-" in file.name for file in files):
        missing = [index.name]
    if missing:
        raise PretrainedError(f"{path} is not whole: {missing[0]} is missing")
    if not files:
        others = [file.name for file in (*path.glob("*.bin"), *path.glob("*.pt*"))]
        why = f": {others[0]} may run code when it is opened, so it isn't" if others else ""
        raise PretrainedError(f"{path} holds no safetensors file{why}")
    return files


def check_links(path: Path) -> None:
    """Raises PretrainedError: a file of the folder is a link to somewhere else."""
    for file in path.iterdir():
        if file.is_symlink():
            _own_target(file)


def _own_target(path: Path) -> Path:
    target = path.resolve()
    folder = path.parent.resolve()
    if target.parent not in (folder, folder.parent.parent / "blobs"):
        raise PretrainedError(f"{path} is a link to {target}, outside of the model's folder")
    return target
