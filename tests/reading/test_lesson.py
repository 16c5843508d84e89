"""A text is read as cards are taught: the same run folder, exact resume, `verify` to the bit."""

import json
import math
from collections import Counter
from pathlib import Path

import pytest

from flashcards.cards.text import TextDeck, load_text, sample
from flashcards.cli import main
from flashcards.rivals.letter_counts import ORDERS, LetterCounts, graded_text, name_of
from flashcards.runs import commands as cmd, events as ev
from flashcards.runs.goal import Goal
from flashcards.trainer.again.verifying import verify
from flashcards.wording import facts
from tests.app.lesson import folded
from tests.golden import check_words
from tests.reading.texts import sentences, write_text
from tests.trainer.lessons import Script, run_lesson

LEARNED_NATS = 1.56839  # of the little text after 30 updates; processors differ in the last digits


def test_a_run_that_reads_says_what_it_reads_and_writes(tmp_path: Path) -> None:
    opened, watched = run_lesson(write_text(tmp_path), goal=Goal(step=30))
    (start,) = watched.of(ev.RunStarted)
    assert start.text is not None
    assert start.text.n_characters == len(sentences())
    assert start.text.is_by_character
    assert start.name == "A little text"
    exams, written = watched.of(ev.ExamTaken), watched.of(ev.TextWritten)
    assert [exam.step for exam in exams] == [event.step for event in written]
    assert exams[0].seen_loss_nats == pytest.approx(start.guessing_nats, abs=0.05)
    last = exams[-1]
    assert last.seen_loss_nats is not None
    assert last.unseen_loss_nats is not None
    assert last.seen_loss_nats == pytest.approx(LEARNED_NATS, rel=1e-3)
    deck = opened.training.deck
    assert isinstance(deck, TextDeck)
    read = "".join(deck.cards.read_text())
    for event in written:
        assert event.copied in read
        assert any(event.copied in line for line in event.lines)
    assert not watched.of(ev.DeckMarked)
    (ended,) = watched.of(ev.LessonEnded)
    assert (ended.verdict_kind, ended.reason) == ("read", "limit")


def test_a_correction_is_a_window_with_each_next_piece(tmp_path: Path) -> None:
    opened, watched = run_lesson(write_text(tmp_path), goal=Goal(step=10))
    correction = watched.of(ev.CorrectionMeasured)[0].correction
    window = opened.training.deck.cards[correction.card_index].answer
    assert correction.pieces is not None
    assert correction.guess is not None
    assert "".join(piece.text for piece in correction.pieces) == window
    assert len(correction.guess) == len(window)
    for piece, guess in zip(correction.pieces, correction.guess, strict=True):
        assert piece.is_best == (guess.text == piece.text)
        assert piece.after is not None
        if piece.is_best:
            assert piece.before == pytest.approx(guess.probability, abs=1e-5)


def test_steps_one_by_one_and_another_deck_is_refused(tmp_path: Path) -> None:
    script: Script = [
        (8, cmd.Step(n_cards=2)),
        (10, cmd.TakeDeck(text="a :: b\n")),
        (10, cmd.Stop()),
    ]
    opened, watched = run_lesson(write_text(tmp_path), script=script)
    assert opened.training.learner.step == 10
    (refused,) = watched.of(ev.TeachingRefused)
    check_words("teach: a text", refused.text)
    assert verify(opened.keeper.folder.path).is_same


def test_counting_letters_is_what_brute_force_counts() -> None:
    stretches, alphabet = ["abracadabra ab", "cadabra"], "abcdr x"
    counts = LetterCounts(stretches, len(alphabet))
    for before in ("", "a", "ab", "dab", "adab", "zz", "xa", "cad"):
        for character in alphabet:
            expected = 1 / len(alphabet)
            for i in range(len(ORDERS)):
                if i <= len(before):
                    context = before[len(before) - i :]
                    after = Counter(
                        stretch[at + i]
                        for stretch in stretches
                        for at in range(len(stretch) - i)
                        if stretch[at : at + i] == context
                    )
                    if after:
                        total = sum(after.values())
                        expected = (after[character] + len(after) * expected) / (total + len(after))
                        most = max(after.values())
                        best = min(c for c, n in after.items() if n == most)
                assert counts.probabilities(before, character)[i] == pytest.approx(expected)
                assert counts.guesses(before)[i] == best
        for i in range(len(ORDERS)):
            shares = [counts.probabilities(before, character)[i] for character in alphabet]
            assert sum(shares) == pytest.approx(1.0)


def test_rivals_are_graded_on_the_windows_of_the_exams(tmp_path: Path) -> None:
    deck = load_text(write_text(tmp_path))
    rivals = [rival for rival in graded_text(deck) if rival is not None]
    assert [rival.name for rival in rivals] == [name_of(order) for order in ORDERS]
    counts = LetterCounts(deck.cards.read_text(), len(deck.cards.characters))
    nats, n, right = 0.0, 0, 0
    for window in sample(deck.never_seen):
        text = deck.cards[window].answer
        for place in range(len(text)):
            before = text[max(0, place - 4) : place]
            nats -= math.log(counts.probabilities(before, text[place])[2])
            right += counts.guesses(before)[2] == text[place]
            n += 1
    assert rivals[2].unseen_nats == pytest.approx(nats / n, rel=1e-5)
    assert (rivals[2].unseen.right, rivals[2].unseen.total) == (right, n)
    errors = [rival.seen_nats for rival in rivals]
    assert errors == sorted(errors, key=lambda nats: -(nats or 0.0))


@pytest.mark.slow
def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, runs = write_text(tmp_path), str(tmp_path / "runs")
    assert main(["read", str(path), "--steps", "12", "--json", "--runs", runs]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["text"]["n_characters"] == len(sentences())
    assert len(report["written"]) == 3
    assert set(report["rival_nats"]) == {name_of(order) for order in ORDERS}
    assert report["verdict_kind"] == "read"
    run = report["run"]
    assert main(["ask", run, "The old fox"]) == 0
    continued = capsys.readouterr().out
    assert continued.startswith("The old fox")
    assert continued.endswith("(step 12)\n")
    assert main(["verify", run, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["is_exact"]
    assert main(["runs", "--runs", runs]) == 0
    assert " text\n" in capsys.readouterr().out
    assert main(["read", str(path), "--until", "unseen=0.99", "--steps", "3", "--runs", runs]) == 3
    said = capsys.readouterr().out
    assert "  kept back " in said
    rival = facts.rival_name(name_of(ORDERS[-1]))
    assert f"Counting, {rival}" in said
    assert main(["replay", run, "--plain"]) == 0
    told = capsys.readouterr().out
    assert "3,186 characters" in told
    assert "It writes: “" in told
    page = tmp_path / "page.html"
    assert main(["report", run, "-o", str(page)]) == 0
    capsys.readouterr()
    told = page.read_text("utf-8")
    assert f"counting, {rival}" in told
    assert "How its writing" in told
    assert "<h1>A little text</h1>" in told
    assert main(["page", run, "-o", str(tmp_path / "model.html")]) == 1
    refused = capsys.readouterr()
    check_words("page: a text", refused.err, run=Path(run).name)
    assert refused.out == ""  # no state was trained again for it
    for name, said in (("nothing.txt", "no deck"), ("empty.txt", "the text is empty")):
        if name == "empty.txt":
            (tmp_path / name).touch()
        assert main(["read", str(tmp_path / name), "--steps", "2", "--runs", runs]) == 1
        assert said in capsys.readouterr().err
    notes = tmp_path / "notes.md"
    notes.write_text(sentences(), "utf-8")
    assert main(["read", str(notes), "--steps", "1", "--json", "--runs", runs]) == 0
    other = json.loads(capsys.readouterr().out)["run"]
    assert main(["ask", other, "Nobody"]) == 0
    assert capsys.readouterr().out.startswith("Nobody")
    assert main(["compare", run, other]) == 0
    assert "understood" not in capsys.readouterr().out


def test_a_rewound_run_forgets_what_it_wrote_later(tmp_path: Path) -> None:
    written = ev.TextWritten(step=9, lines=("a",), copied="a")
    _, watched = run_lesson(write_text(tmp_path), goal=Goal(step=2))
    (start,) = watched.of(ev.RunStarted)
    assert folded([start, written, ev.RunResumed(step=4, start=start)]).written is None
