"""Tests that make, open or teach brought models are slow: transformers alone takes five seconds of
the processor to import, and no quick test needs it."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flashcards.cards import shelf
from flashcards.learner.brought import gguf_folder
from flashcards.learner.brought.model_folder import PretrainedError
from tests.pretrained.tiny import N_GENERAL

HERE = Path(__file__).parent
OF_MODELS = {
    "test_exported",
    "test_hub",
    "test_in_context",
    "test_numbers",
    "test_pieces",
    "test_products",
    "test_refused",
    "test_runs",
}


@pytest.hookimpl(tryfirst=True)  # before pytest leaves out what is slow
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == HERE and item.path.stem in OF_MODELS:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def few_sentences(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the first ones of each half of the sentences that exams ask besides."""
    deck = shelf.general_deck()
    half = len(deck.cards) // 2
    n = N_GENERAL // 2
    lines = deck.text.splitlines(keepends=True)
    left_out = {card.line - 1 for card in (*deck.cards[n:half], *deck.cards[half + n :])}
    folder = tmp_path_factory.mktemp("general")
    few = "".join(line for place, line in enumerate(lines) if place not in left_out)
    (folder / shelf.GENERAL).write_text(few, encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def _asked_little(few_sentences: Path) -> Iterator[None]:
    """Two thirds of the time of a short lesson here were sentences that its exams ask besides."""
    shelf.general_deck.cache_clear()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(shelf, "shipped", lambda: few_sentences)
        assert len(shelf.general_deck().cards) == N_GENERAL
    yield
    shelf.general_deck.cache_clear()


APART = {"test_numbers_that_are_none_are_a_sentence"}


@pytest.fixture(autouse=True)
def _converted_here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A GGUF file is read in the test's own process, which has imported what that takes: each
    process of its own takes six seconds of the processor. `APART` has one as the program has, for
    its second file."""
    convert_apart, converted = gguf_folder._convert_apart, []

    def convert(path: Path, target: Path) -> None:
        converted.append(path)
        if len(converted) > 1 and request.function.__name__ in APART:
            convert_apart(path, target)
            return
        gguf = importlib.import_module("gguf")
        with monkeypatch.context() as patched:
            for name in ("GGUFReader", "get_tensor_name_map"):  # `main` replaces them
                patched.setattr(gguf, name, getattr(gguf, name))
            patched.setattr(gguf_folder, "limit", lambda **_: None)
            patched.setattr(sys, "argv", ["", str(path), str(target)])
            try:
                gguf_folder.main()
            except Exception as error:
                raise PretrainedError(f"{path} is damaged, or can't be taught: {error}") from None

    monkeypatch.setattr(gguf_folder, "_convert_apart", convert)
