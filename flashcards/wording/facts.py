"""Facts of a run in words, in the language chosen, for whoever shows them: screen, lines or page.

Facts are kinds and numbers (`runs`); nothing said here is stored, sent or read back.
"""

from __future__ import annotations

from typing import assert_never

from flashcards.base.language import tr
from flashcards.runs.events import ChapterBegan, DamageFound
from flashcards.runs.exam_history import Chapter
from flashcards.runs.folder import step_of_state
from flashcards.runs.values import (
    BranchChange,
    DeckNote,
    DeckProblem,
    Learns,
    Rival,
    Score,
)
from flashcards.runs.verdict import Verdict, counted, give_or_take, is_better, percent

RIVALS = {
    "lookup": "looks it up",
    "ngram": "continues letter by letter",
    "nearest": "copies the most similar card",
}
"""What each rival does, after "a rival that"."""

LETTERS = "letters-"
"""Names of the rivals of a text begin so: `rivals/reading.py`."""


def rival_name(name: str) -> str:
    """A rival's name: what it does."""
    if not name.startswith(LETTERS):
        return tr(RIVALS[name]) if name in RIVALS else name
    match int(name.removeprefix(LETTERS)) - 1:
        case 0:
            return tr("no letter before")
        case 1:
            return tr("1 letter before")
        case n:
            return tr("{n} letters before", n=n)


def section_name(name: str) -> str:
    """A section of a deck as it is shown: those of the shipped decks in the viewer's language."""
    return tr(name) if name in ("regular", "irregular", "letters", "words") else name


def verdict(said: Verdict) -> str:
    """One sentence, with the numbers that justify it."""
    seen, unseen, best = said.seen, said.unseen, said.best
    facts = {
        "rate": percent(unseen.rate or 0.0),
        "total": unseen.total,
        "interval": _interval(unseen),
        "scores": _scores(seen, unseen),
    }
    match said.case:
        case "few_never_seen":
            return _few_never_seen(seen, unseen)
        case "understood":
            return tr(
                "It has understood: {rate} of the {total:,} cards it never saw are right "
                "({interval}); {others}.",
                **facts,
                others=tr("looking up or copying gets none") if best is None else _share_of(best),
            )
        case "understood_by_rival":
            assert best is not None
            return tr(
                "It can't be told: {rate} of {total:,} never seen are right ({interval}), "
                "not clearly more than the {share} of a rival that {name}.",
                **facts,
                name=rival_name(best.name),
                share=percent(best.unseen.rate or 0.0),
            )
        case "memorised":
            return _memorised(said)
        case "no_better_than_rival":
            assert best is not None
            than = tr(
                "no better than the {score} of a rival that {best}",
                best=rival_name(best.name),
                score=counted(best.unseen),
            )
            fact = tr("It has memorised this deck: {scores}, {than}.", **facts, than=than)
            return f"{fact} {tr(said.because)}".rstrip()
        case "between":
            return tr("Between memory and understanding: {scores} ({interval}).", **facts)
        case "read":
            return _read(seen, unseen, best)
        case "learning":
            return tr("Too early to say: {scores} are right so far.", **facts)
        case _:
            assert_never(said.case)


def _scores(seen: Score, unseen: Score) -> str:
    if not seen.total:  # before the first card is taught
        return tr("{unseen} never seen", unseen=counted(unseen))
    return tr("{seen} seen, {unseen} never seen", seen=counted(seen), unseen=counted(unseen))


def _share_of(rival: Rival) -> str:
    share = percent(rival.unseen.rate or 0.0)
    return tr("a rival that {name} gets {share}", name=rival_name(rival.name), share=share)


def _few_never_seen(seen: Score, unseen: Score) -> str:
    match unseen.total:
        case 0:
            why = tr("Every card is taught")
        case 1:
            why = tr("Only 1 card is never seen")
        case n:
            why = tr("Only {n} cards are never seen", n=n)
    if not seen.total:
        return tr("{why}, so memory and understanding can't be told apart.", why=why)
    return tr(
        "{seen} cards right. {why}, so memory and understanding can't be told apart.",
        seen=counted(seen),
        why=why,
    )


def _memorised(said: Verdict) -> str:
    seen, unseen, best = said.seen, said.unseen, said.best
    fact = tr(
        "It has memorised this deck: {seen} seen, {unseen} never seen",
        seen=counted(seen),
        unseen=counted(unseen),
    )
    if best is not None and is_better(best.unseen, unseen):
        return tr(
            "{fact}. A rival that {best} gets {score} of those.",
            fact=fact,
            best=rival_name(best.name),
            score=counted(best.unseen),
        )
    if said.because:
        so_far = tr(said.because)
    elif unseen.right == 0:
        so_far = tr("Nothing it learned so far answers new prompts.")
    else:
        so_far = tr("Hardly anything it learned so far answers new prompts.")
    return tr("{fact}. {so_far}", fact=fact, so_far=so_far)


def _read(seen: Score, unseen: Score, best: Rival | None) -> str:
    facts = {"seen": percent(seen.rate or 0.0), "unseen": percent(unseen.rate or 0.0)}
    if best is None:
        return tr(
            "Of the next pieces it guesses {seen} right where it reads, and {unseen} in "
            "passages kept back.",
            **facts,
        )
    return tr(
        "Of the next letters it guesses {seen} right where it reads, and {unseen} in passages "
        "kept back; counting ({name}) gets {score} of those.",
        **facts,
        name=rival_name(best.name),
        score=percent(best.unseen.rate or 0.0),
    )


def _interval(score: Score) -> str:
    return tr("give or take {n}", n=give_or_take(score))


def branch(change: BranchChange) -> str:
    """What a branch does otherwise, after "it goes on"."""
    said = []
    if change.learning_rate_factor is not None:
        said.append(tr("with learning rate ×{factor:g}", factor=change.learning_rate_factor))
    if change.seed is not None:
        said.append(tr("with seed {seed}", seed=change.seed))
    if change.order is not None:
        said.append(tr("in another order: {order}", order=tr(change.order)))
    if change.without_prompt is not None:
        said.append(tr("without {prompt}", prompt=change.without_prompt))
    if change.after is not None:
        said.append(tr("with another deck: {deck}", deck=change.after))
    return ", ".join(said) or tr("as before")


def chapter_begun(began: ChapterBegan, *, has_read: bool = False) -> str:
    """What is taught now, and what becomes of the deck before; `has_read`: it was a text."""
    facts = {
        "step": began.step,
        "deck": began.start.name or began.start.deck,
        "n_taught": began.start.n_taught,
        "earlier": ", ".join(began.earlier),
    }
    if has_read:
        return tr(
            "From step {step:,} on it is taught {deck}: {n_taught:,} cards. Not read any more, but "
            "asked for its next pieces in every exam: {earlier}.",
            **facts,
        )
    return tr(
        "From step {step:,} on it is taught {deck}: {n_taught:,} cards. Not taught any more, but "
        "asked in every exam: {earlier}.",
        **facts,
    )


def in_both_decks(began: ChapterBegan) -> str:
    """Prompts that must be answered otherwise than before; "" without any."""
    if not began.n_in_both:
        return ""
    return tr(
        "{n:,} prompts are in both decks with another answer ({named} …): of those the old answer "
        "must be forgotten.",
        n=began.n_in_both,
        named=", ".join(began.in_both),
    )


def remedy(rehearsal: float, learns: Learns, n_learned: int) -> str:
    """What is done against forgetting."""
    said = {
        "all": tr("All {n:,} numbers of the model change.", n=n_learned),
        "last_layer": tr(
            "Only the last layer changes: {n:,} numbers. The others keep what they learned.",
            n=n_learned,
        ),
        "adapter": tr(
            "Only an adapter changes: {n:,} numbers beside the model, which stays as it was.",
            n=n_learned,
        ),
    }[learns]
    if not rehearsal:
        return said
    rehearsed = tr("{share:.0%} of the cards are rehearsed from the deck before.", share=rehearsal)
    return f"{rehearsed} {said}"


def kept_of(chapter: Chapter) -> str:
    """What an earlier deck's scores are, and were when its chapter ended; "" when not asked yet."""
    if chapter.seen is None or chapter.seen_before is None:
        return ""
    facts = {
        "deck": chapter.name,
        "seen": percent(chapter.seen.rate or 0.0),
        "before": percent(chapter.seen_before.rate or 0.0),
    }
    if chapter.is_text:
        return tr(
            "{deck}: {seen} of the next pieces of what it read are guessed right, {before} when "
            "its chapter ended.",
            **facts,
        )
    return tr(
        "{deck}: {seen} of the cards it was taught are right, {before} when its chapter ended.",
        **facts,
    )


def deck_problem(found: DeckProblem) -> str:
    """The line that `flashcards check` prints."""
    return f"{found.file}:{found.line}:{found.column}: error: {found.text} [{found.code}]"


def quoted(text: str) -> str:
    """A deck's or a model's text among the program's own words."""
    return tr("“{text}”", text=text.strip() or tr("(nothing)"))


def note(fact: DeckNote) -> str:
    """What a person should know about a deck."""
    names = [quoted(name) for name in fact.names]
    match fact.kind:
        case "leak_near" | "leak_reversed" | "leak_swapped" as kind:
            return tr(
                "{prompt} is never taught, but {twin} on line {line} is: {how}; put both in one "
                "group, or teach neither",
                prompt=names[0],
                twin=names[1],
                line=fact.n,
                how={
                    "leak_near": tr("nearly the same"),
                    "leak_reversed": tr("the same card reversed"),
                    "leak_swapped": tr("the same with operands swapped"),
                }[kind],
            )
        case "unlearned":
            listed = ", ".join(
                quoted(name) if name.strip() else tr("a space") for name in fact.names
            )
            return tr("No learned piece holds {listed}: read and said byte by byte.", listed=listed)
        case "no_longer_held_out":
            return tr(
                "{prompt} was never seen until now; the score NEVER SEEN asks it no longer.",
                prompt=names[0],
            )
        case "taught_before" if fact.n == 1:
            return tr("1 card was taught before and stays taught until the lesson starts over.")
        case "taught_before":
            return tr(
                "{n:,} cards were taught before: they stay taught until the lesson starts over.",
                n=fact.n,
            )
        case "file_unknown":
            return tr("Its deck file is not known here: this run alone has it.")
        case "file_shipped":
            return tr("The shipped deck stays as it is.")
        case "file_changed":
            return tr("{file} was changed meanwhile: this run alone has it.", file=fact.names[0])
        case "file_unwritable":
            file, reason = fact.names
            return tr(
                "{file} can't be written ({reason}): this run alone has it.",
                file=file,
                reason=reason,
            )
        case "file_has_it":
            return tr("{file} has it, too.", file=fact.names[0])
        case other:
            assert_never(other)


def damaged(found: DamageFound) -> str:
    """Which saved state could not be used, and which was taken instead."""
    return tr(
        "The saved state of step {step:,} is damaged: that of step {taken:,} was taken instead.",
        step=step_of_state(found.file.rpartition("/")[2]),
        taken=found.step,
    )


def diverged(step: int) -> str:
    """The error was no number any more, after this step."""
    return tr(
        "The error stopped being a number after step {step:,}: the steps were too large. That "
        "update was left out; everything before it is saved.",
        step=step,
    )


def never_came_to(asked: int, step: int) -> str:
    """A later step was asked for than the run's last, which is taken."""
    return tr(
        "the run never came to step {asked:,}: this is its step {step:,}", asked=asked, step=step
    )
