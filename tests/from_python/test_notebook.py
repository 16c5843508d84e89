"""The notebook in docs/ runs as it is written, with the libraries that it draws with."""

import contextlib
import io
import json
from pathlib import Path

import pytest

from tests.source import ROOT


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # of pandas and matplotlib
def test_the_notebook_runs_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    notebook = json.loads((ROOT / "docs" / "from-python.ipynb").read_text(encoding="utf-8"))
    code = ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"]
    assert code
    names: dict[str, object] = {}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        for cell in code:
            exec(compile(cell, "docs/from-python.ipynb", "exec"), names)
    lines = printed.getvalue().splitlines()
    assert lines[0].startswith("50 cards are taught")
    assert any("60" in line and "France → Paris" in line for line in lines)
    assert "model.safetensors" in lines[-1]
    assert (tmp_path / "loss.png").stat().st_size > 1000
