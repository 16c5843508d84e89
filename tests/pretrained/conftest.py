"""Tests that make, open or teach brought models are slow: transformers alone takes five seconds of
the processor to import, and no quick test needs it."""

import importlib
import sys
from pathlib import Path

import pytest

from flashcards.learner.brought import gguf_folder
from flashcards.learner.brought.model_folder import PretrainedError

HERE = Path(__file__).parent
OF_MODELS = {
    "test_exported",
    "test_hub",
    "test_in_context",
    "test_numbers",
    "test_pieces",
    "test_refused",
    "test_runs",
}


@pytest.hookimpl(tryfirst=True)  # before pytest leaves out what is slow
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == HERE and item.path.stem in OF_MODELS:
            item.add_marker(pytest.mark.slow)


APART = {"test_numbers_that_are_none_are_a_sentence"}


@pytest.fixture(autouse=True)
def _converted_here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A GGUF file is read in the test's own process, which has imported what that takes: each
    process of its own takes six seconds of the processor. `APART` has one as the program has."""
    if request.function.__name__ in APART:
        return

    def convert(path: Path, target: Path) -> None:
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
