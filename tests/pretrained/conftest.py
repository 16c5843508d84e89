"""Tests that teach brought models are slow, all but one: transformers alone takes five seconds of
the processor to import, and the other quick tests do without it."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
TEACHING = {"test_exported", "test_in_context", "test_numbers", "test_runs"}
QUICK = {"test_a_state_holds_the_adapter_alone_and_names_its_base"}


@pytest.hookimpl(tryfirst=True)  # before pytest leaves out what is slow
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        is_here = item.path.parent == HERE and item.path.stem in TEACHING
        if is_here and item.name not in QUICK:
            item.add_marker(pytest.mark.slow)
