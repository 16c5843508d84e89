"""The choice of a model: a new one, one that was taught before, one of the hub, or a typed path."""

import asyncio
import contextlib
from pathlib import Path

import msgspec
from textual import on, work
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from flashcards.app.textual_fixes.screens import PagedOptions, PromptInput, hidden
from flashcards.app.widgets.cells import MUTED
from flashcards.app.widgets.dialog import Dialog, Page
from flashcards.base.child_process import JsonLinesProcess
from flashcards.base.language import tr
from flashcards.base.system import python
from flashcards.cards.printable import printable
from flashcards.trainer.bringing import Bringing, NamedModel, in_cache
from flashcards.wording import lesson

MOST_USED = 20
ERROR = "$text-error"


class ModelScreen(Dialog[str | None]):
    """Gives the path of the model to teach, "" for a new one; None to go back."""

    BINDINGS = hidden(up="move('cursor_up')", down="move('cursor_down')", escape="back")

    def __init__(self, runs_root: Path, model: str = "") -> None:
        super().__init__()
        self._runs_root, self._model = runs_root, model
        self._offered = ""
        self._bringing: str | None = None

    def compose(self) -> ComposeResult:
        with Page(classes="page list"):
            yield Static(Content.styled(tr("Which model?"), "bold"), classes="dialog-title")
            yield PromptInput(self._model, placeholder=tr("a path, or OWNER/NAME of the hub"))
            model_list = PagedOptions()
            model_list.can_focus = False
            yield model_list
            yield Static(self._hint(), classes="dialog-text")

    def _hint(self) -> str:
        return tr("Llama, Qwen2 and Qwen3: a folder of Hugging Face, or a GGUF file. esc back")

    @work(group="list")
    async def on_mount(self) -> None:
        rows = [("", tr("a new model"), tr("it knows nothing"))]
        used = await asyncio.to_thread(_used, self._runs_root)
        rows += used + [
            (name, name, tr("downloaded, {n:,.0f} MB", n=n_bytes / 1e6))
            for name, n_bytes in await asyncio.to_thread(in_cache)
            if name not in [row[1] for row in used]
        ]
        if self.is_open:
            self.query_one(OptionList).add_options(
                Option(
                    Content.assemble((printable(name), "bold"), "  ", (printable(about), MUTED)),
                    id=value,
                )
                for value, name, about in rows
            )

    def _say(self, text: str, style: str = "") -> None:
        if self.is_open:
            self.query_one(".dialog-text", Static).update(Content.styled(text, style))

    def action_move(self, how: str) -> None:
        model_list = self.query_one(OptionList)
        getattr(model_list, f"action_{how}")()
        self._put(model_list.highlighted_option)

    @on(OptionList.OptionSelected)
    def click(self, event: OptionList.OptionSelected) -> None:
        self._put(event.option)
        self.take()

    def _put(self, option: Option | None) -> None:
        if option is not None:
            line = self.query_one(Input)
            line.value = option.id or ""
            line.cursor_position = len(line.value)

    @on(Input.Changed)
    def retype(self) -> None:
        if self._bringing not in (None, self._named):
            self._break_off()

    @property
    def _named(self) -> str:
        return self.query_one(Input).value.strip()

    @on(Input.Submitted)
    def take(self) -> None:
        if not self._named:
            self.dismiss("")
        elif self._bringing is None:
            self._bringing = self._named
            self._bring(NamedModel(self._named, is_wanted=self._named == self._offered))

    def action_back(self) -> None:
        if self._bringing is None:
            self.dismiss(None)
        else:
            self._break_off()

    def _break_off(self) -> None:
        is_download = self._bringing == self._offered
        self.workers.cancel_group(self, "bring")
        self._bringing = None
        notice = tr("The download was broken off. Enter goes on with it.")
        self._say(notice if is_download else self._hint())

    @work(exclusive=True, group="bring")
    async def _bring(self, named: NamedModel) -> None:
        self._say(tr("looking at it…"))
        progress = Bringing()
        child = JsonLinesProcess(
            python("-m", "flashcards.trainer.bringing"),
            msgspec.json.Decoder(Bringing).decode,
            msgspec.json.encode(named) + b"\n",
        )
        try:
            async for progress in child.values():
                if named.is_wanted and progress.size_bytes:
                    doing = tr("downloading {name}", name=printable(named.name))
                    far = lesson.bar(100 * progress.done_bytes // progress.size_bytes)
                    self._say(f"{doing} {far}  {tr('esc breaks it off')}")
        except OSError as error:
            progress = Bringing(refusal=str(error))
        finally:
            child.kill()
        self._bringing = None
        if progress.path:
            self.dismiss(progress.path)
        elif progress.size_bytes and not named.is_wanted:
            self._offered = named.name
            self._say(
                tr(
                    "{name}: {size:,.0f} MB to download; licence: {license}. Enter downloads it.",
                    name=printable(named.name),
                    size=(progress.size_bytes - progress.done_bytes) / 1e6,
                    license=progress.license,
                )
            )
        else:
            self._say(lesson.failed(progress.refusal or child.last_error_line), ERROR)


def _used(root: Path) -> list[tuple[str, str, str]]:
    from flashcards.runs.catalog import list_runs

    entries = sorted(list_runs(root), key=lambda entry: -entry.written_at_s)
    bases = [entry.info.base for entry in entries if entry.info.base is not None]
    used_models: dict[str, tuple[str, str, str]] = {}
    for base in bases:
        with contextlib.suppress(OSError):
            if base.path not in used_models and Path(base.path).exists():
                used_models[base.path] = (base.path, base.name, base.path)
    return list(used_models.values())[:MOST_USED]
