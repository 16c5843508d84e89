"""Cards that are too long: `check` and `train` say the same of them."""

from pathlib import Path

import pytest

from flashcards.cli import main

LONG = "".join(f"{'x' * 700}{n} :: y\n" for n in range(40))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LONG, "no card in it: 40 cards are too long and not taught (lines 1, 2, 3, 4, 5, …)"),
        (
            f"a :: b\nc :: d\n{LONG}",
            "40 cards are too long and not taught (lines 3, 4, 5, 6, 7, …)",
        ),
        (f"a :: b\nc :: d\n{'x' * 700} :: y\n", "1 card is too long and not taught (line 3)"),
    ],
)
def test_check_and_train_say_how_many_and_where(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deck = tmp_path / "long.deck"
    deck.write_text(text, encoding="utf-8")
    assert main(["check", str(deck)]) == 1
    assert said in capsys.readouterr().out
    main(["train", str(deck), "--steps", "2", "--runs", str(tmp_path / "runs")])
    assert said in capsys.readouterr().err
