"""A run's model or its numbers, written in any of the formats that other programs read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from flashcards.base.files import Refused, save, save_folder
from flashcards.runs.folder import RunFolder
from flashcards.runs.recording import Recording

if TYPE_CHECKING:
    from flashcards.export.pretrained import TaughtModel
    from flashcards.export.qwen3_names import ExportedModel

ADAPTER = "adapter"
"""The numbers alone that were learned beside a model that others have trained, for `peft`."""

MODEL = ("hf", "gguf", "onnx")
NUMBERS: Sequence[str] = ("tensorboard", "csv", "parquet")
FORMATS = ("hf", ADAPTER, "gguf", "onnx", *NUMBERS)

Numbers = Literal["tensorboard", "csv", "parquet"]

OpenModel = Callable[[Path, int | None], "ExportedModel | TaughtModel"]


def open_model(path: Path, at: int | None) -> ExportedModel | TaughtModel:
    """The model of a run at this step; None is the newest.
    Raises LessonError: the run can't be used, or the step can't be trained again."""
    from flashcards.export.pretrained import open_taught
    from flashcards.export.qwen3_names import open_model as open_own

    return open_taught(path, at) or open_own(path, at)


def export_run(
    path: Path,
    to: str,
    target: Path,
    *,
    at: int | None = None,
    is_forced: bool = False,
    opened: OpenModel = open_model,
) -> None:
    """Write a run to `target`, a file or a folder: whole, or not at all.

    Args:
        to: One of `FORMATS`.
        at: The step of the model; None is the newest.
        is_forced: Replace what is there.
        opened: Opens the model; the command line tells how far it is meanwhile.

    Raises:
        Refused: There is no such format, or this run can't be written so, or the target is there.
        LessonError: The model can't be had.
    """
    if to not in FORMATS:
        raise Refused(f"{to!r} is no format of a run: say one of {', '.join(FORMATS)}")
    if at is not None and to in NUMBERS:
        raise Refused(f"{to} writes numbers of the whole run: a step is for {', '.join(MODEL)}")
    match to:
        case "gguf":
            save(_gguf(path, at, opened), target, is_forced=is_forced)
        case "tensorboard" | "csv" | "parquet":
            save_folder(_numbers(path, to), target, is_forced=is_forced)
        case _:
            save_folder(_folder(path, to, at, opened), target, is_forced=is_forced)


def _gguf(path: Path, at: int | None, opened: OpenModel) -> bytes:
    from flashcards.export.gguf_file import gguf_of, library
    from flashcards.export.qwen3_names import ExportedModel

    library()
    model = opened(path, at)
    return gguf_of(model) if isinstance(model, ExportedModel) else model.gguf()


def _numbers(path: Path, to: Numbers) -> dict[str, bytes]:
    from flashcards.export.run_tables import numbers_of, tables_of

    if to == "tensorboard":
        from flashcards.export.event_file import event_file_of

        return dict([event_file_of(numbers_of(path))])
    from flashcards.report.story import gather

    return tables_of(numbers_of(path), gather(path).cards, to)


def _folder(path: Path, to: str, at: int | None, opened: OpenModel) -> dict[str, bytes]:
    from flashcards.export.hf import folder_of
    from flashcards.export.qwen3_names import ExportedModel

    model = opened(path, at)
    if not isinstance(model, ExportedModel):
        if to == "onnx":
            raise Refused("onnx is for models of this program's own form; hf writes this one")
        return model.adapter() if to == ADAPTER else model.folder()
    if to == ADAPTER:
        raise Refused("an adapter is there only in runs of a model that others have trained")
    files = folder_of(model, Recording.open(RunFolder.open(path)).state_at(model.step))
    if to == "onnx":
        from flashcards.export.onnx_file import onnx_of

        del files["model.safetensors"]
        files["onnx/model.onnx"] = onnx_of(model)
    return files
