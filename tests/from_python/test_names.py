"""The names that programs import: there, loaded when they are used, and no others."""

import subprocess
import sys

import pytest

import flashcards
from tests.waiting import PATIENCE_S


def test_every_name_is_there() -> None:
    for name in flashcards.__all__:
        assert getattr(flashcards, name)
    with pytest.raises(AttributeError, match="no attribute 'Lesson'"):
        flashcards.Lesson  # noqa: B018


@pytest.mark.slow
def test_the_package_alone_loads_nothing_heavy() -> None:
    code = (
        "import sys, flashcards\n"
        "assert not {'torch', 'numpy', 'msgspec'} & set(sys.modules)\n"
        "from flashcards import Training\n"
        "assert 'torch' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=PATIENCE_S)
