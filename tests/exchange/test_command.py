"""`flashcards import` and `flashcards export`, as a user types them."""

import io
from pathlib import Path

import pytest

from flashcards.cli import main
from tests.exchange.sources import FIXTURES


def test_a_package_becomes_a_deck_that_check_has_nothing_against(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["import", str(FIXTURES / "latest.apkg"), "-o", "places"]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "12 notes read, 13 cards, in 4 sections, 1 never seen → places.deck" in said.err
    assert main(["check", "places.deck"]) == 0
    assert "13 cards, 12 taught, 1 never seen; 0 errors" in capsys.readouterr().out
    assert main(["export", "places.deck", "--to", "csv", "-o", "places.csv"]) == 0
    assert main(["import", "places.csv", "-o", "again.deck"]) == 0
    before = Path("places.deck").read_text().replace(" ::: ", " :: ")
    assert Path("again.deck").read_text().count(" :: ") == before.count(" :: ") + 2


def test_wrong_columns_are_a_matter_of_usage(capsys: pytest.CaptureFixture[str]) -> None:
    for columns in ("1", "0,2", "a,b"):
        with pytest.raises(SystemExit) as ended:
            main(["import", "x.csv", "--columns", columns])
        assert ended.value.code == 2
        assert "is not two columns like 1,2" in capsys.readouterr().err


def test_an_export_goes_to_standard_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.deck").write_text("dog :: chien\n? cat :: chat\n")
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr("sys.stdout", out)
    assert main(["export", str(tmp_path / "x.deck"), "--to", "csv", "--only", "taught"]) == 0
    out.seek(0)
    assert out.read() == "prompt,answer\ndog,chien\n"
    assert "1 card is not what --only asks for" in capsys.readouterr().err
