"""A deck that is saved while it is taught: the run goes on with it."""

from pathlib import Path

from flashcards.runs.commands import TakeDeck
from flashcards.runs.events import DeckChanged, TeachingRefused
from flashcards.runs.goal import Goal
from flashcards.wording import facts
from tests.trainer.lessons import Script, run_lesson


def test_a_saved_deck_is_taught_and_its_cards_keep_their_history(deck: Path) -> None:
    lines = deck.read_text("utf-8").splitlines(keepends=True)
    first = next(i for i, line in enumerate(lines) if " :: " in line and line[0] != "?")
    prompt = lines[first].split(" :: ")[0]
    lines[first] = f"{prompt} :: Elsewhere\n"
    text = "".join(lines) + "Atlantis :: Poseidonia\nLemuria :: Ж\n"
    opened, watched = run_lesson(deck, goal=Goal(step=40), script=[(9, TakeDeck(text=text))])
    (changed,) = watched.of(DeckChanged)
    assert changed.step in (9, 10)
    assert (changed.n_added, changed.n_changed, changed.n_removed) == (2, 1, 0)
    assert any("Ж" in facts.note(note) for note in changed.notes)
    cards = opened.training.deck.cards
    assert [card.prompt for card in cards][-2:] == ["Atlantis", "Lemuria"]
    index = next(i for i, card in enumerate(cards) if card.prompt == prompt)
    assert cards[index].answer == "Elsewhere"
    assert opened.training.ledger.times_seen[index] > 9, "its history is gone"
    assert sum(opened.training.ledger.times_seen) <= opened.training.memory.cards_taught
    assert opened.training.learner.step == 40


def test_the_same_text_again_changes_nothing(deck: Path) -> None:
    text = deck.read_text("utf-8")
    run, watched = run_lesson(deck, goal=Goal(step=20), script=[(5, TakeDeck(text=text))])
    alone, _ = run_lesson(deck, deck.parent / "other", goal=Goal(step=20))
    assert watched.of(DeckChanged) == []
    assert run.training.learner.weights_sha256() == alone.training.learner.weights_sha256()


def test_a_deck_that_can_not_be_taught_is_refused_and_the_old_one_goes_on(deck: Path) -> None:
    script: Script = [(5, TakeDeck(text="nothing here\n")), (6, TakeDeck(text="? a :: b\n"))]
    opened, watched = run_lesson(deck, goal=Goal(step=20), script=script)
    assert len(watched.of(TeachingRefused)) == 2
    assert watched.of(DeckChanged) == []
    assert opened.training.learner.step == 20


def test_a_save_with_settings_that_no_model_can_have_is_refused_with_what_they_are(
    deck: Path,
) -> None:
    _, _, cards = deck.read_text("utf-8").split("+++\n", 2)
    text = f'+++\nsize = "xl"\nn_layers = 24\n+++\n{cards}'
    opened, watched = run_lesson(deck, goal=Goal(step=20), script=[(5, TakeDeck(text=text))])
    (refused,) = watched.of(TeachingRefused)
    assert "24 layers of width 1024 and hidden 2560: 289 million numbers; 100 at" in refused.text
    assert watched.of(DeckChanged) == []
    assert opened.training.learner.step == 20
