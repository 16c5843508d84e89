"""The dialog that names a model, in the app. The process that looks is real, its hub is not."""

import shutil
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList

from flashcards.app.widgets.model_screen import ModelScreen
from flashcards.base.language import LANGUAGES, VARIABLE
from tests.app.lesson import lesson
from tests.app.script import Stage, on_stage
from tests.pretrained.tiny import a_model

NAME = "somebody/tiny-llama"

HUB = """
import shutil, time
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import huggingface_hub
import huggingface_hub.constants, huggingface_hub.file_download, huggingface_hub.utils

CACHE = Path(__file__).parent / "hub" / "cache"
MODEL = CACHE / "models--somebody--tiny-llama"
FOLDER = MODEL / "snapshots" / "4f1c"
huggingface_hub.constants.HF_HUB_CACHE = str(CACHE)
huggingface_hub.utils.filter_repo_objects = lambda files, allow_patterns, key: files
huggingface_hub.utils.build_hf_headers = dict
huggingface_hub.utils.WeakFileLock = lambda path: nullcontext()


def hf_hub_url(name, file):
    return file


def get_hf_file_metadata(url):
    return SimpleNamespace(etag="numbers", size=200)


def http_get(url, out, resume_size, headers, expected_size):
    if not resume_size:
        out.write(bytes(100))
        out.flush()
        while True:
            time.sleep(0.01)
    out.write(bytes(expected_size - resume_size))


huggingface_hub.file_download.http_get = http_get


class HfApi:
    def model_info(self, name, files_metadata=False):
        files = [SimpleNamespace(rfilename="model.safetensors", size=200)]
        return SimpleNamespace(siblings=files, card_data={"license": "apache-2.0"})


def snapshot_download(name, allow_patterns, local_files_only=False):
    if local_files_only:
        if FOLDER.exists():
            return FOLDER
        raise FileNotFoundError(name)
    assert (MODEL / "blobs" / "numbers").read_bytes() == bytes(200)
    shutil.copytree(CACHE.parent / "source", FOLDER)
    return FOLDER


for made_up in (hf_hub_url, get_hf_file_metadata, HfApi, snapshot_download):
    setattr(huggingface_hub, made_up.__name__, made_up)
"""


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A hub whose replies are made up: each child process takes them over as it begins."""
    (tmp_path / "sitecustomize.py").write_text(HUB)
    shutil.copytree(a_model("llama"), tmp_path / "hub" / "source")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path / "hub"


async def typed(stage: Stage, name: str) -> None:
    stage.app.screen.query_one(Input).value = name
    await stage.press("enter")


def shown(stage: Stage) -> str:
    return " ".join(" ".join(row.split()) for row in stage.rows())


@pytest.mark.slow  # the process that looks imports transformers
async def test_a_folder_is_taught_and_what_is_no_model_is_refused(tmp_path: Path) -> None:
    folder = a_model("llama")
    async with on_stage(lesson()) as stage:
        await stage.press("r", "3")  # start over with a model
        await typed(stage, str(tmp_path / "gone"))
        await stage.until(lambda: "There is no model at" in shown(stage))
        assert len(stage.teachers) == 1
        await typed(stage, str(folder))
        await stage.until(lambda: len(stage.teachers) == 2)
        assert stage.teachers[-1].request.model == str(folder)
        await stage.press("r", "1")
        assert stage.teachers[-1].request.model == str(folder)


@pytest.mark.slow
async def test_a_model_of_the_hub_is_downloaded_after_a_yes_and_gone_on_with(hub: Path) -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("d", "f6")
        assert isinstance(stage.app.screen, ModelScreen)
        await stage.until(lambda: stage.app.screen.query_one(OptionList).option_count > 0)
        assert "a new model it" in shown(stage)
        await typed(stage, NAME)
        await stage.until(lambda: "MB to download; licence: apache-2.0" in shown(stage))
        await stage.press("enter")
        await stage.until(lambda: "━━━━━━━━━━────────── 50%" in shown(stage))
        await stage.press("escape")
        assert "broken off" in shown(stage)
        await stage.press("enter")
        await stage.until(lambda: f"→ {NAME}" in shown(stage))
        assert (hub / "cache" / "models--somebody--tiny-llama" / "snapshots" / "4f1c").is_dir()
        assert len(stage.teachers) == 1


@pytest.mark.parametrize("language", LANGUAGES)
async def test_it_fits_in_every_language(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, language)
    async with on_stage(lesson()) as stage:
        await stage.press("r", "3")
        assert "GGUF" in shown(stage)
        assert shown(stage).rstrip().endswith(("esc back", "Esc zurück", "Esc vuelve"))


async def test_as_the_program_ends_a_dialog_is_open_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("r", "3")
        screen = stage.app.screen
        assert isinstance(screen, ModelScreen)
        assert screen.is_open
        with monkeypatch.context() as ending:  # its widgets may be gone by then
            ending.setattr(type(stage.app), "is_running", False)
            assert not screen.is_open
