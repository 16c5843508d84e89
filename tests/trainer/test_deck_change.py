"""A deck that changes in a running lesson: teaching by hand, and that a resume is the same run."""

import errno
import os
from pathlib import Path

import pytest

from flashcards.cards.format import parse
from flashcards.cards.shelf import load
from flashcards.runs import events as ev
from flashcards.runs.commands import Ask, Pause, SetSpeed, Stop, TakeDeck, TeachCard
from flashcards.runs.folder import RunFolder
from flashcards.runs.goal import Goal
from flashcards.runs.marks import unpack
from flashcards.runs.values import DeckNote
from flashcards.trainer.opening import OpenedLesson, open_learner
from flashcards.wording import facts
from tests.decks import CAPITALS, write_capitals, write_sums
from tests.golden import check_words, words
from tests.trainer.lessons import Clock, Script, ScriptedInbox, Watched, run_lesson

ATLANTIS = TeachCard(request=7, prompt="Atlantis", answer="Poseidonia")


def taught(
    deck: Path, *cards: TeachCard, at: int = 8, steps: int = 16
) -> tuple[OpenedLesson, Watched]:
    script: Script = [(at, card) for card in cards]
    return run_lesson(deck, goal=Goal(step=steps), script=script)


def names(opened: OpenedLesson) -> list[str]:
    return [card.prompt for card in opened.training.deck.cards]


@pytest.mark.slow
def test_a_card_taught_by_hand_is_learned_by_the_run_that_goes_on(deck: Path) -> None:
    asked: Script = [(8, ATLANTIS), (128, Ask(request=8, prompt="Atlantis"))]
    opened, watched = run_lesson(deck, goal=Goal(step=150), script=asked)
    (changed,) = watched.of(ev.DeckChanged)
    assert (changed.step, changed.request, changed.prompts) == (8, 7, ("Atlantis",))
    assert (changed.n_added, changed.n_changed, changed.n_removed) == (1, 0, 0)
    assert (changed.start.n_taught, changed.start.n_held_out) == (len(CAPITALS) + 1, 2)
    event = watched.of(ev.PromptAnswered)[-1]
    assert (event.stamp, event.answer) == ("seen", "Poseidonia")
    assert event.times_seen >= 24
    assert opened.training.learner.step == 150


def test_cards_that_stay_keep_their_marks_and_a_new_one_is_taught(deck: Path) -> None:
    before, _ = taught(deck, steps=8)
    after, watched = taught(deck, ATLANTIS, steps=9)
    assert after.training.ledger.times_seen[-1] >= 1
    n_more = sum(after.training.ledger.times_seen) - sum(before.training.ledger.times_seen)
    assert n_more == after.training.memory.cards_taught - before.training.memory.cards_taught > 0
    was, now = before.training.ledger, after.training.ledger
    assert all(now.times_seen[i] >= was.times_seen[i] > 0 for i in range(len(CAPITALS)))
    marks = [event for event in watched.of(ev.DeckMarked) if event.step == 8][-1]
    assert unpack(marks.marks, 13)[-1] == 0
    assert names(after)[:12] == names(before)


def test_the_version_is_saved_before_the_event_and_a_state_after(deck: Path) -> None:
    folder: list[Path] = []
    there: list[bytes] = []

    def react(event: ev.AnyEvent) -> None:
        if isinstance(event, ev.RunStarted):
            folder.append(Path(event.folder))
        if isinstance(event, ev.DeckChanged):
            there.append((folder[0] / "deck" / event.file).read_bytes())

    script: Script = [(8, ATLANTIS), (8, Pause()), (8, Stop())]
    opened, watched = run_lesson(deck, script=script, react=react)
    assert b"Atlantis :: Poseidonia" in there[0]
    kinds = [type(e) for e in watched.events if e.step == 8]
    after = kinds[kinds.index(ev.DeckChanged) :]
    assert after.index(ev.StateSaved) == 2
    assert RunFolder.open(opened.keeper.folder.path).deck_path().name == "0001-capitals.deck"


def test_a_state_from_before_the_change_becomes_that_after_it(deck: Path) -> None:
    script: Script = [(8, ATLANTIS), (8, Pause()), (8, Stop())]
    stopped, _ = run_lesson(deck, script=script)
    folder = stopped.keeper.folder
    for path in folder.path.glob("resume-*"):
        path.unlink()
    step, _ = next(folder.states())
    again = open_learner(folder.path)
    assert (step, again.learner.step) == (8, 8)
    assert again.deck.cards == stopped.training.deck.cards
    assert again.ledger.to_bytes() == stopped.training.ledger.to_bytes()
    assert again.memory.after_change == stopped.training.memory.after_change
    assert [card.prompt for card in open_learner(folder.path, 4).deck.cards][-1] == "Kenya"


def test_a_change_beyond_the_state_that_is_gone_on_from_did_not_happen(deck: Path) -> None:
    stopped, _ = taught(deck, ATLANTIS, at=9, steps=12)
    folder = stopped.keeper.folder
    for path in folder.path.glob("resume-*"):
        path.unlink()
    rest, _ = run_lesson(deck, deck.parent, goal=Goal(step=10), resume=str(folder.path))
    assert "Atlantis" not in names(rest)
    assert folder.deck_path().name == "0000-capitals.deck"


def test_the_users_file_gets_the_card_and_keeps_everything_else(deck: Path) -> None:
    text = deck.read_bytes()
    deck.chmod(0o640)
    _, watched = taught(deck, ATLANTIS, TeachCard(request=8, prompt="Peru", answer="Cusco"))
    assert deck.read_bytes() == text.replace(b"Lima", b"Cusco") + b"Atlantis :: Poseidonia\n"
    assert deck.stat().st_mode & 0o777 == 0o640
    said = DeckNote("file_has_it", ("capitals.deck",))
    assert [e.notes for e in watched.of(ev.DeckChanged)] == [(said,)] * 2


def test_a_file_that_was_changed_meanwhile_is_left_alone(deck: Path) -> None:
    def react(event: ev.AnyEvent) -> None:
        if isinstance(event, ev.RunStarted):
            deck.write_text("mine :: now\n")

    script: Script = [(9, ATLANTIS)]
    _, watched = run_lesson(deck, goal=Goal(step=10), script=script, react=react)
    assert deck.read_text() == "mine :: now\n"
    assert watched.of(ev.DeckChanged)[0].notes[-1] == DeckNote("file_changed", ("capitals.deck",))


def test_a_shipped_deck_is_changed_in_the_run(deck: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flashcards.cards.shelf.shipped", lambda: deck.parent)
    text = deck.read_bytes()
    _, watched = taught(deck, ATLANTIS)
    assert deck.read_bytes() == text
    assert watched.of(ev.DeckChanged)[0].notes == (DeckNote("file_shipped"),)


def test_a_file_that_is_gone_is_said_and_the_run_has_the_card(deck: Path) -> None:
    def react(event: ev.AnyEvent) -> None:
        if isinstance(event, ev.RunStarted):
            deck.unlink()

    script: Script = [(9, ATLANTIS)]
    opened, watched = run_lesson(deck, goal=Goal(step=10), script=script, react=react)
    note = watched.of(ev.DeckChanged)[0].notes[-1]
    assert note == DeckNote("file_unwritable", (deck.name, os.strerror(errno.ENOENT)))
    assert "Atlantis" in names(opened)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> str:
    opened, _ = taught(write_capitals(tmp_path_factory.mktemp("undisturbed")), steps=12)
    return opened.training.learner.weights_sha256()


def test_what_cannot_be_taught_is_refused_and_nothing_changes(undisturbed: str, deck: Path) -> None:
    opened, watched = taught(deck, TeachCard(request=3, prompt="egypt", answer="Cairo"), steps=12)
    (refused,) = watched.of(ev.TeachingRefused)
    assert refused.request == 3
    assert refused.text == words("teach: a card given away")
    assert watched.of(ev.DeckChanged) == []
    assert opened.training.learner.weights_sha256() == undisturbed
    assert not any(isinstance(e, ev.TeachingRefused) for e in opened.keeper.folder.events())


def test_a_run_with_shuffled_answers_is_taught_nothing_by_hand(deck: Path) -> None:
    _, watched = run_lesson(deck, goal=Goal(step=12), script=[(9, ATLANTIS)], is_shuffled=True)
    assert "shuffled" in watched.of(ev.TeachingRefused)[0].text


def test_a_never_seen_card_taught_by_hand_is_so_no_more(deck: Path) -> None:
    _, watched = taught(deck, TeachCard(request=1, prompt="Egypt", answer="Cairo"))
    (changed,) = watched.of(ev.DeckChanged)
    assert (changed.start.n_taught, changed.start.n_held_out) == (11, 1)
    assert changed.notes[0] == DeckNote("no_longer_held_out", ("Egypt",))
    assert watched.of(ev.ExamTaken)[-1].unseen.total == 1


def test_characters_the_tokenizer_never_learned_are_said(deck: Path) -> None:
    card = TeachCard(request=1, prompt="Oz", answer="Ünterß")
    _, watched = taught(deck, card)
    assert watched.of(ev.DeckChanged)[0].notes[0] == DeckNote("unlearned", ("z", "Ü", "ß"))


def test_a_space_that_was_never_learned_is_called_a_space() -> None:
    check_words("deck: a space is unlearned", facts.note(DeckNote("unlearned", ("b", " ", "k"))))


def test_a_full_disk_keeps_the_old_deck(deck: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(RunFolder, "save_deck", fail)
    opened, watched = taught(deck, ATLANTIS, steps=12)
    (refused,) = watched.of(ev.TeachingRefused)
    check_words("teach: a full disk", refused.text, reason=os.strerror(errno.ENOSPC))
    assert "Atlantis" not in names(opened)
    assert "Atlantis" not in deck.read_text()


def test_a_card_in_hand_is_finished_first_and_without_a_wait(deck: Path) -> None:
    inbox = ScriptedInbox(Clock(), [])
    seen: list[ev.AnyEvent] = []

    def react(event: ev.AnyEvent) -> None:
        seen.append(event)
        if isinstance(event, ev.PhaseEntered) and event.phase == "error" and event.step == 0:
            inbox.put(ATLANTIS)
        if isinstance(event, ev.DeckChanged):
            inbox.script.append((2, Stop()))

    opened, _ = run_lesson(deck, speed="explain", react=react, inbox=inbox)
    change = next(e for e in seen if isinstance(e, ev.DeckChanged))
    assert change.step == 1
    first = [e for e in seen if isinstance(e, ev.CorrectionMeasured)][1]
    assert first.correction.prompt == "Atlantis"
    assert opened.training.learner.step == 2


def test_what_is_asked_for_in_the_same_moment_as_the_stop_is_done(deck: Path) -> None:
    script: Script = [(5, ATLANTIS), (5, Stop())]
    opened, _ = run_lesson(deck, script=script)
    assert "Atlantis" in [c.prompt for c in open_learner(opened.keeper.folder.path).deck.cards]


def test_a_speed_that_teaches_one_card_shows_the_new_one_next(deck: Path) -> None:
    script: Script = [(4, SetSpeed(speed="brisk")), (4, ATLANTIS), (9, Stop())]
    _, watched = run_lesson(deck, script=script)
    after = watched.events.index(watched.of(ev.DeckChanged)[0])
    later = [e for e in watched.events[after:] if isinstance(e, ev.CorrectionMeasured)]
    assert [e.correction.prompt == "Atlantis" for e in later[:4]] == [True, False, True, False]


def test_a_larger_share_never_seen_spares_what_was_taught_and_that_is_said(deck: Path) -> None:
    cards = f"+++\nheld_out = 0.5\n+++\n{deck.read_text().replace('? ', '')}"
    script: Script = [
        (30, TakeDeck(text=cards)),
        (30, TakeDeck(text=f"{cards}Chad :: Ndjamena\n")),
        (30, Stop()),
    ]
    _, watched = run_lesson(deck, script=script)
    first, second = watched.of(ev.DeckChanged)
    held = parse(cards.encode(), "").deck
    assert held is not None
    stay = len(held.never_seen) - first.start.n_held_out
    assert stay > 1
    assert DeckNote("taught_before", n=stay) in first.notes
    assert DeckNote("taught_before", n=stay) not in second.notes


def test_a_whole_deck_is_changed_for_another(deck: Path) -> None:
    other = "Peru :: Lima\nOz :: Emerald City\n? Japan :: Tokyo\nCuba :: La Habana\n"
    script: Script = [(12, TakeDeck(text=other)), (12, TakeDeck(text="")), (12, Stop())]
    opened, watched = run_lesson(deck, script=script)
    (changed,) = watched.of(ev.DeckChanged)
    assert (changed.n_added, changed.n_changed, changed.n_removed) == (1, 1, 9)
    # Japan was taught: whatever the file says now, it is no card that was never taught
    assert [c.is_never_seen for c in opened.training.deck.cards] == [False] * 4
    assert opened.training.ledger.times_seen[1] == 0
    assert opened.training.ledger.times_seen[2] > 0
    (refused,) = watched.of(ev.TeachingRefused)
    check_words("teach: an empty deck", refused.text)
    assert names(opened)[1] == "Oz"
    again = open_learner(opened.keeper.folder.path)
    assert again.deck == opened.training.deck


def test_teaching_in_a_deck_with_a_share_keeps_who_is_never_seen(tmp_path: Path) -> None:
    deck = write_sums(tmp_path)
    before = {card.prompt for card in load(deck)[0].cards if card.is_never_seen}
    opened, _ = taught(deck, TeachCard(request=1, prompt="100+1", answer="101"), steps=12)
    cards = opened.training.deck.cards
    assert {card.prompt for card in cards if card.is_never_seen} == before


def test_the_same_text_again_changes_nothing(undisturbed: str, deck: Path) -> None:
    script: Script = [(5, TakeDeck(text=deck.read_text("utf-8")))]
    opened, watched = run_lesson(deck, goal=Goal(step=12), script=script)
    assert watched.of(ev.DeckChanged) == []
    assert opened.training.learner.weights_sha256() == undisturbed


def test_settings_that_no_model_can_have_are_refused_with_what_they_are(deck: Path) -> None:
    _, _, cards = deck.read_text("utf-8").split("+++\n", 2)
    text = f'+++\nsize = "xl"\nn_layers = 24\n+++\n{cards}'
    _, watched = run_lesson(deck, goal=Goal(step=6), script=[(5, TakeDeck(text=text))])
    (refused,) = watched.of(ev.TeachingRefused)
    check_words("teach: a model that is too large", refused.text)
    assert watched.of(ev.DeckChanged) == []
