"""A model of the Hugging Face hub: from the cache, or downloaded after a yes. The hub is a fake."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO

import pytest

from flashcards.base.errors import UserError
from flashcards.cli import model_choice
from flashcards.learner.brought.opener import bring
from flashcards.trainer.bringing import in_cache
from tests.golden import check_words, raises_words
from tests.pretrained.test_numbers import a_deck
from tests.pretrained.tiny import a_model

NAME = "somebody/tiny-llama"


@dataclass
class Hub:
    cache: Path
    is_broken: bool = False
    n_downloads: int = 0

    @property
    def folder(self) -> Path:
        return self.cache / "models--somebody--tiny-llama" / "snapshots" / "4f1c"

    def snapshot_download(
        self, name: str, allow_patterns: tuple[str, ...], *, local_files_only: bool = False
    ) -> str:
        assert name == NAME
        if local_files_only and not self.folder.exists():
            raise FileNotFoundError(name)
        if not local_files_only:
            self.n_downloads += 1
            source = a_model("llama")
            shutil.copytree(source, self.folder, dirs_exist_ok=True)
            for file in self.folder.iterdir():
                assert any(fnmatch(file.name, pattern) for pattern in allow_patterns)
        return str(self.folder)

    def HfApi(self) -> Any:  # noqa: N802
        files = [SimpleNamespace(rfilename=f"{n}.safetensors", size=40_000_000) for n in "ab"]
        files.append(SimpleNamespace(rfilename="pytorch_model.bin", size=80_000_000))
        info = SimpleNamespace(siblings=files, card_data={"license": "apache-2.0"})
        return SimpleNamespace(model_info=lambda name, files_metadata=False: info)

    def hf_hub_url(self, name: str, file: str) -> str:
        return f"{name}/{file}"

    def get_hf_file_metadata(self, url: str) -> Any:
        return SimpleNamespace(etag=url[-13:], size=4)

    @property
    def constants(self) -> Any:
        return SimpleNamespace(HF_HUB_CACHE=str(self.cache))

    @property
    def file_download(self) -> Any:
        def http_get(url: str, out: BinaryIO, resume_size: int, **_: Any) -> None:
            out.write(b"abcd"[resume_size:3] if self.is_broken else b"abcd"[resume_size:])
            if self.is_broken:
                raise KeyboardInterrupt

        return SimpleNamespace(http_get=http_get)

    @property
    def utils(self) -> Any:
        def chosen(files: Any, allow_patterns: Any, key: Any) -> Iterator[Any]:
            return (f for f in files if any(fnmatch(key(f), p) for p in allow_patterns))

        return SimpleNamespace(
            filter_repo_objects=chosen, build_hf_headers=dict, WeakFileLock=nullcontext
        )


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    a_model("llama")  # before the hub is a fake
    fake = Hub(tmp_path)
    monkeypatch.setitem(sys.modules, "huggingface_hub", fake)
    monkeypatch.chdir(tmp_path)
    return fake


def asked(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda text: answer)


def test_without_a_terminal_nothing_is_downloaded(hub: Hub) -> None:
    with raises_words(UserError, "hub: no terminal"):
        model_choice.path_of(NAME)
    assert hub.n_downloads == 0


@pytest.fixture
def peft() -> None:
    """What opens a model is imported while the hub's package is whole."""
    importlib.import_module("peft")


@pytest.mark.slow
@pytest.mark.usefixtures("peft")
def test_a_yes_to_size_and_licence_downloads_it_and_then_the_cache_has_it(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked(monkeypatch, "y")
    path = model_choice.path_of(NAME)
    check_words("hub: size and licence", capsys.readouterr().out.splitlines()[0])
    assert path == model_choice.path_of(NAME) == str(hub.folder)
    assert hub.n_downloads == 1
    assert bring(path, a_deck()).noted.name == NAME


def test_anything_but_a_yes_downloads_nothing(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    asked(monkeypatch, "")
    with raises_words(UserError, "hub: a no"):
        model_choice.path_of(NAME)
    assert hub.n_downloads == 0


def test_a_broken_download_can_be_gone_on_with(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    asked(monkeypatch, "y")
    hub.is_broken = True
    with raises_words(UserError, "hub: broken off"):
        model_choice.path_of(NAME)
    hub.is_broken = False
    assert model_choice.path_of(NAME) == str(hub.folder)
    assert {
        blob.name: blob.read_bytes() for blob in (hub.folder.parents[1] / "blobs").iterdir()
    } == {"a.safetensors": b"abcd", "b.safetensors": b"abcd"}


@pytest.mark.parametrize("lost", ["tokenizer.json", "model.safetensors"])
def test_what_is_missing_is_fetched(hub: Hub, monkeypatch: pytest.MonkeyPatch, lost: str) -> None:
    asked(monkeypatch, "y")
    path = model_choice.path_of(NAME)
    (Path(path) / lost).unlink()
    assert model_choice.path_of(NAME) == path
    assert (hub.n_downloads, (Path(path) / lost).is_file()) == (2, True)


def test_a_path_is_no_name_of_the_hub(hub: Hub) -> None:
    assert model_choice.path_of("some/where/else.gguf") == str(hub.cache / "some/where/else.gguf")
    (hub.cache / "somebody").mkdir()
    (hub.cache / NAME).mkdir()
    assert model_choice.path_of(NAME) == str(hub.cache / NAME)


def test_without_the_package_nothing_is_in_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    assert in_cache() == []


def test_a_path_from_here_is_no_name_of_the_hub() -> None:
    assert model_choice.path_of("./none") == str(Path("none").absolute())
