"""The named model, found or downloaded: a folder or file, or OWNER/NAME of the Hugging Face hub.
A download begins when a person says yes to size and licence, and goes on where it was broken off,
in the cache of `huggingface_hub`. As a process, `python -m flashcards.trainer.bringing`: a
`NamedModel` on stdin, then each line on stdout is a `Bringing`."""

import contextlib
import os
import re
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from flashcards.base.errors import UserError
from flashcards.cards.printable import printable
from flashcards.learner.brought.model_folder import (
    PretrainedError,
    check_is_model,
    first_line,
    numbers_in,
    package,
)

FILES = (
    "config.json",
    "generation_config.json",
    "*.safetensors",
    "model.safetensors.index.json",
    "tokenizer.json",
    "tokenizer.model",
    "tokenizer_config.json",
    "vocab.json",
    "merges.txt",
    "chat_template.jinja",
)

TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json")  # one of them is enough

REPOSITORY = re.compile(r"\w[\w.-]*/[\w.-]+")
TOLD_EVERY_S = 0.3
PART = ".flashcards"  # What a file's name ends with until all of it is here


def _hub() -> Any:
    return package("huggingface_hub")


class NamedModel(msgspec.Struct, frozen=True):
    """A model that is asked for. `is_wanted`: a person said yes to its size and its licence."""

    name: str
    is_wanted: bool = False


class Bringing(msgspec.Struct, frozen=True, omit_defaults=True):
    """The progress of a model's download.

    Attributes:
        path: Where it lies, once it can be taught.
        size_bytes, license: Of one that must be downloaded.
        done_bytes: How much of it is here.
        refusal: Why it can't be taught, in a sentence.
    """

    path: str = ""
    size_bytes: int = 0
    license: str = ""
    done_bytes: int = 0
    refusal: str = ""


def local_path(name: str) -> str | None:
    """The path of the model that is named so, for a process that may stand elsewhere; None where
    it must be downloaded. Raises UserError: for that a package is missing."""
    path = Path(name).expanduser()
    if path.exists() or not REPOSITORY.fullmatch(name):
        return str(path.absolute())
    try:
        folder = _hub().snapshot_download(name, allow_patterns=FILES, local_files_only=True)
    except (OSError, ValueError):  # it is not in the cache
        return None
    return folder if is_whole(Path(folder)) else None


def is_whole(folder: Path) -> bool:
    """Tell whether all of a model is in the cache: a download may have been broken off."""
    with contextlib.suppress(PretrainedError):
        is_cut = any((folder / name).is_file() for name in TOKENIZERS)
        files = (folder / "config.json", *numbers_in(folder))
        return is_cut and all(file.is_file() for file in files)
    return False


def in_cache() -> list[tuple[str, int]]:
    """The whole models in the hub's cache: OWNER/NAME and bytes, the last used first."""
    try:
        hub = _hub()
    except PretrainedError:
        return []
    try:
        repositories = hub.scan_cache_dir().repos
    except hub.errors.CacheNotFound:
        return []
    models = [
        model
        for model in repositories
        if model.repo_type == "model"
        and any(is_whole(revision.snapshot_path) for revision in model.revisions)
    ]
    models.sort(key=lambda model: (-model.last_accessed, model.repo_id))
    return [(model.repo_id, model.size_on_disk) for model in models]


def offer(name: str) -> Bringing:
    """The size and the licence of a model of the hub. Raises UserError: it can't be found."""
    hub = _hub()
    try:
        info = hub.HfApi().model_info(name, files_metadata=True)
    except Exception as error:  # the hub's own, and those of whatever it loads over
        raise UserError(f"{name} can't be found on the hub: {first_line(error)}") from error
    wanted = hub.utils.filter_repo_objects(
        info.siblings, allow_patterns=FILES, key=lambda file: file.rfilename
    )
    license_name = printable(str((info.card_data or {}).get("license", "not stated")))
    return Bringing(size_bytes=sum(file.size or 0 for file in wanted), license=license_name)


def download(name: str) -> str:
    """Download it, or what is missing of it; where it lies.
    Raises UserError: it failed, or was broken off."""
    try:
        _download_numbers(name)
        return str(_hub().snapshot_download(name, allow_patterns=FILES))
    except KeyboardInterrupt:
        raise UserError(f"the download of {name} was broken off; run it again to resume") from None
    except Exception as error:
        raise UserError(
            f"the download of {name} failed ({first_line(error)}); run it again to resume"
        ) from error


def _download_numbers(name: str) -> None:
    """Put the large files where the hub's package looks; it would begin a partial one again."""
    hub, blobs = _hub(), _blobs(name)
    files = [sibling.rfilename for sibling in hub.HfApi().model_info(name).siblings]
    blobs.mkdir(parents=True, exist_ok=True)
    for file in (sibling for sibling in files if sibling.endswith(".safetensors")):
        url = hub.hf_hub_url(name, file)
        facts = hub.get_hf_file_metadata(url)
        whole = blobs / facts.etag
        part = blobs / f"{facts.etag}{PART}"
        if whole.exists():
            continue
        with hub.utils.WeakFileLock(f"{part}.lock"), part.open("ab") as out:
            hub.file_download.http_get(
                url,
                out,
                resume_size=out.tell(),
                headers=hub.utils.build_hf_headers(),
                expected_size=facts.size,
            )
        os.replace(part, whole)


def _blobs(name: str) -> Path:
    folder = f"models--{name.replace('/', '--')}"
    return Path(_hub().constants.HF_HUB_CACHE, folder, "blobs")


def _bytes_here(name: str) -> int:
    """Of the model's files in the cache, those too that are not whole."""
    with contextlib.suppress(OSError):  # a file may be renamed meanwhile
        files = [file for file in _blobs(name).iterdir() if file.suffix != ".incomplete"]
        return sum(file.stat().st_size for file in files)
    return 0


def _bring(named: NamedModel, tell: Callable[[Bringing], None]) -> None:
    path = local_path(named.name)
    if path is None:
        offered = offer(named.name)
        progress = msgspec.structs.replace(offered, done_bytes=_bytes_here(named.name))
        tell(progress)
        if not named.is_wanted:
            return
        done = threading.Event()

        def follow() -> None:
            while not done.wait(TOLD_EVERY_S):
                n_bytes = min(_bytes_here(named.name), offered.size_bytes)
                tell(msgspec.structs.replace(offered, done_bytes=n_bytes))

        threading.Thread(target=follow, daemon=True).start()
        path = download(named.name)
        done.set()
    check_is_model(Path(path))
    from flashcards.learner.brought.opener import check

    check(Path(path))
    tell(Bringing(path=path))


def main() -> int:
    """0 once the model can be taught, or its size was told; 1 with a refusal."""
    pipe = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what packages print is no answer
    os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"

    def tell(progress: Bringing) -> None:
        try:
            pipe.write(msgspec.json.encode(progress) + b"\n")
        except BrokenPipeError:  # who asked has gone
            os._exit(1)

    try:
        _bring(msgspec.json.decode(sys.stdin.buffer.readline(), type=NamedModel), tell)
    except UserError as error:
        tell(Bringing(refusal=str(error)))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
