"""Every sentence that `flashcards/wording` says of a fact, with a key that names the fact.

`tests/words/LANGUAGE.txt` keeps them; whatever else is tested is tested by kinds and numbers.
"""

from collections.abc import Callable, Iterator
from typing import get_args

import msgspec

from flashcards.base.language import tr
from flashcards.cli.comparing import sentence_of, sentences_of
from flashcards.runs import events as ev, markers as mk, values as val
from flashcards.runs.answers import AnswerDiffers
from flashcards.runs.bets import CHOICES, Outcome
from flashcards.runs.exam_history import Chapter
from flashcards.runs.rewards import Exploit, JudgeFacts, RewardCounts
from flashcards.runs.state import RunState
from flashcards.runs.steps import N_TO_TELL, Break, BreakSign, Regime, StepWatch
from flashcards.runs.value_types import (
    LEARNS,
    BetKind,
    BetSide,
    EndReason,
    OrderName,
    Practice,
    Stamp,
)
from flashcards.runs.values import NoteKind, Score
from flashcards.runs.verdict import Verdict, VerdictCase, always_saying
from flashcards.trainer.again.mismatch import Mismatch, MismatchKind
from flashcards.trainer.again.verifying import Verification
from flashcards.wording import (
    before,
    bets,
    facts,
    lesson,
    markers,
    numbers,
    pieces,
    races,
    rates,
    rewards,
    run_kinds,
    texts,
    updates,
)
from flashcards.wording.comparison import Comparison, Side
from tests import told
from tests.app import recorded
from tests.app.lesson import change, correction, folded, started
from tests.plain import narrations

Sentences = Iterator[tuple[str, str]]

RIVAL = val.Rival("ngram", Score(9, 9), Score(52, 100))
KNEW = val.Knowledge(seen=Score(3, 5), unseen=Score(0, 0))
BRANCH = val.BranchChange(learning_rate_factor=0.5)
CHANGES = {
    "rate": BRANCH,
    "rate twice": val.BranchChange(learning_rate_factor=2.0),
    "rate as usual": val.BranchChange(learning_rate_factor=1.0),
    "rate raised": val.BranchChange(learning_rate_factor=16.0),
    "rate lowered": val.BranchChange(learning_rate_factor=0.125),
    "seed": val.BranchChange(seed=3),
    "order": val.BranchChange(order="hardest"),
    "without": val.BranchChange(without_prompt="sing"),
    "after": val.BranchChange(after="Plurals"),
    "nothing": val.BranchChange(),
}
VERDICTS: dict[VerdictCase, Verdict] = {
    "few_never_seen": Verdict("few_never_seen", Score(40, 40), Score(3, 10)),
    "learning": Verdict("learning", Score(10, 50), Score(3, 100), RIVAL),
    "between": Verdict("between", Score(100, 100), Score(55, 100), RIVAL),
    "understood": Verdict("understood", Score(50, 50), Score(99, 100), RIVAL),
    "understood_by_rival": Verdict("understood_by_rival", Score(9, 9), Score(100, 100), RIVAL),
    "memorised": Verdict("memorised", Score(60, 60), Score(1, 100)),
    "no_better_than_rival": Verdict("no_better_than_rival", Score(99, 99), Score(50, 100), RIVAL),
    "read": Verdict("read", Score(90, 100), Score(50, 100), RIVAL),
    "knew": Verdict("knew", Score(50, 50), Score(9, 50), known=KNEW),
}


def verdicts() -> Sentences:
    assert VERDICTS.keys() == set(get_args(VerdictCase))
    for case, verdict in VERDICTS.items():
        yield case, facts.verdict(verdict)
        yield f"{case}, in brief", facts.verdict(verdict, is_brief=True)
        few = facts.memory_or_understanding(verdict, is_over=case == "memorised")
        yield f"{case}, in a few words", few
    none_kept = Verdict("few_never_seen", Score(40, 40), Score(0, 0))
    yield "few_never_seen, none", facts.verdict(none_kept, keeps_back="k")
    reason = Verdict("memorised", Score(5, 5), Score(0, 20), because="Nothing gives it away.")
    rival = always_saying(val.CommonAnswer("blue", Score(85, 150), Score(21, 50)))
    fewer = Verdict("no_better_than_rival", Score(9, 9), Score(16, 50), rival)
    yield "no better than the commonest answer", facts.verdict(fewer)
    rival = val.Rival("nearest", Score(9, 9), Score(24, 40))
    copied = Verdict("memorised", Score(60, 60), Score(2, 40), rival)
    yield "memorised, though a rival is right", facts.verdict(copied)
    none_taught: dict[VerdictCase, Score] = {
        "learning": Score(0, 20),
        "few_never_seen": Score(0, 5),
    }
    for case, unseen in none_taught.items():
        yield f"{case}, none taught", facts.verdict(Verdict(case, Score(0, 0), unseen))
    yield "few_never_seen, none, no way to test", facts.verdict(none_kept)
    yield "memorised, with the deck's reason", facts.verdict(reason)
    all_right = Verdict("understood", Score(50, 50), Score(100, 100), RIVAL)
    yield "understood, all", facts.verdict(all_right)
    yield "understood, all, in brief", facts.verdict(all_right, is_brief=True)
    leads = {"by far": Score(40, 100), "perhaps by chance": Score(24, 100)}
    for how, unseen in leads.items():
        verdict = Verdict("learning", Score(10, 50), unseen, RIVAL)
        yield f"never taught leads {how}", facts.verdict(verdict)
    none_learned = Verdict("memorised", Score(60, 60), Score(0, 100))
    yield "memorised, none never taught", facts.verdict(none_learned)
    forgets = val.SentencesKept(before=10, now=2, total=12)
    known = val.Knowledge(seen=Score(5, 5), unseen=Score(0, 0), chosen=forgets, others=forgets)
    yield "knew, forgets", facts.verdict(Verdict("knew", Score(9, 9), Score(0, 20), known=known))
    for score in (Score(0, 0), Score(0, 1), Score(1, 1), Score(0, 5), Score(5, 5), Score(3, 5)):
        for is_later in (False, True):
            when = "before this deck" if is_later else "before"
            yield (
                f"{score.total} known {when}, {score.right} left",
                facts.knew_before(score, is_later=is_later),
            )
    yield "so far", facts.so_far(VERDICTS["between"])
    common = val.CommonAnswer("yes", Score(60, 100), Score(30, 50))
    yield "one answer is common", facts.common_answer(common)
    yield (
        "one answer is common, none kept back",
        facts.common_answer(msgspec.structs.replace(common, unseen=Score(0, 0))),
    )
    yield "always says", facts.always_says(common)
    same = Verdict("learning", Score(60, 100), Score(30, 50))
    yield "no more than the common answer", facts.no_more_than_common(same, common)
    for n in (0, 1, 10, 20):
        yield f"{n} never taught", facts.n_never_seen(n)
        yield f"{n} never taught are few", facts.few_never_seen(n)
    yield "both scores", facts.both_scores(Score(9, 10), Score(3, 5))
    yield "right, of a sample", facts.right(Score(9, 10), Score(3, 5), is_sample=True)
    yield "right, of all", facts.right(Score(9, 10), Score(3, 5), is_sample=False)
    yield "errors", facts.errors(0.5, 1.25)
    for name in ("lookup", "ngram", "nearest", "letters-1", "letters-2", "letters-3"):
        yield f"rival {name}", facts.rival_name(name)


def found_markers() -> Iterator[tuple[str, mk.AnyMarker]]:
    yield "first right", mk.FirstRight(step=5, prompt="sing", answer="sang")
    yield "first right, of an exam", mk.FirstRight(step=5, seen=Score(2, 50))
    yield "all right", mk.AllRight(step=20, seen=Score(50, 50))
    yield "forgotten", mk.Forgotten(step=30, seen=Score(5, 50), best=Score(49, 50))
    yield (
        "forgotten, an earlier deck",
        mk.Forgotten(step=30, seen=Score(5, 50), best=Score(49, 50), deck="Capitals"),
    )
    yield "recovered", mk.Recovered(step=40, seen=Score(46, 50), deck="Capitals")
    yield "overtook", mk.Overtook(step=30, unseen=Score(40, 50), rival=RIVAL)
    yield "overtook, a text", mk.Overtook(step=30, unseen=Score(40, 50), rival=RIVAL, is_text=True)
    for sign, loss_nats in (("forgot", 4.4), ("above_guessing", 4.4), ("not_a_number", None)):
        cause = broken_by(sign)  # type: ignore[arg-type]
        yield (
            f"broke, {sign}",
            mk.ModelBroke(step=806, broken=cause, guessing_nats=3.3, loss_nats=loss_nats),
        )
    yield "healed", mk.Healed(step=900, loss_nats=0.4)
    yield "deck", mk.DeckWasChanged(step=40, n_added=2, n_changed=1, n_removed=3)
    yield "deck, unchanged", mk.DeckWasChanged(step=40, n_added=0, n_changed=0, n_removed=0)
    for step in (0, 60):
        for is_text in (False, True):
            what = "text" if is_text else "deck"
            yield (
                f"chapter, {what} at step {step}",
                mk.ChapterWasBegun(step=step, deck="Second", is_text=is_text),
            )
    yield "rate", mk.RateWasChanged(step=32, factor=0.5)
    yield "gone back", mk.WentBack(step=32, from_step=99)
    for order in get_args(OrderName):
        yield f"order, {order}", mk.OrderWasChanged(step=31, order=order)
    yield "ended", mk.Ended(step=70, verdict=VERDICTS["memorised"], broken_since=None)
    yield "ended, broken", mk.Ended(step=70, verdict=VERDICTS["memorised"], broken_since=60)
    yield "bookmark", mk.Bookmark(step=41, text="look here")
    yield "bookmark, without a text", mk.Bookmark(step=41, text="")
    placed, outcome = settled_bets()["score, lost"]
    yield "bet", mk.BetWasSettled(step=20, placed=placed, outcome=outcome)
    yield "branch", mk.Parted(step=410, change=BRANCH)
    yield "branch, unknown", mk.Parted(step=410, change=None)
    said = AnswerDiffers(
        step=9, card_index=0, prompt="sing", first_guess="sang", second_guess="singed"
    )
    yield "differs", mk.Differs(step=9, answer=said)
    marked = AnswerDiffers(step=9, card_index=0, is_first_right=True)
    yield "differs, marks alone", mk.Differs(step=9, answer=marked)
    neither = AnswerDiffers(step=9, card_index=0)
    yield "differs, right in neither", mk.Differs(step=9, answer=neither)


def markers_of_a_run() -> Sentences:
    kinds = set()
    for what, marker in found_markers():
        kinds.add(marker.kind)
        yield what, markers.signed(marker)
        if isinstance(marker, mk.FoundMarker):
            yield f"{what}, as a sentence", markers.sentence(marker)
    assert kinds == markers.MARKER_SIGNS.keys()
    yield "as of", markers.as_of(1284)
    for what, changed in CHANGES.items():
        yield f"race, {what}", markers.race_title(410, changed)


BETS: dict[str, val.BetQuestion] = {
    **{f"score, {side}": val.BetQuestion(kind="score", side=side) for side in get_args(BetSide)},
    **{
        f"score, {side}, at a step": val.BetQuestion(kind="score", side=side, at_step=900)
        for side in get_args(BetSide)
    },
    "score, asked otherwise": val.BetQuestion(kind="score", side="unseen", is_of_options=True),
    "score, after seconds": val.BetQuestion(kind="score", at_seconds=30.0),
    "first": val.BetQuestion(kind="first"),
    "first, sections": val.BetQuestion(kind="first", names=("irregular", "seen")),
    "answer": val.BetQuestion(kind="answer", prompt="sing"),
    "correction": val.BetQuestion(kind="correction", prompt="sing"),
    "correction, any card": val.BetQuestion(kind="correction"),
    "rate": val.BetQuestion(kind="rate", factor=32.0, at_step=900),
    "own words": val.BetQuestion(kind="score", text="What now?", because="Because of this."),
}


def settled_bets() -> dict[str, tuple[ev.BetPlaced, Outcome]]:
    score = val.BetQuestion(kind="score", side="unseen", at_step=20, because="It is a rule.")
    result = Outcome(
        step=20,
        before=Score(9, 50),
        score=Score(20, 50),
        prompt="sing",
        answer="sang",
        probability_before=0.2,
        probability_after=0.6,
    )
    settled = {
        "score, won": (ev.BetPlaced(step=1, bet=score, share=0.4), result),
        "score, lost": (ev.BetPlaced(step=1, bet=score, share=0.9), result),
    }
    otherwise = val.BetQuestion(kind="score", side="unseen", is_of_options=True)
    settled["score, asked otherwise"] = ev.BetPlaced(step=1, bet=otherwise, share=0.9), result
    for kind, choices in CHOICES.items():
        bet = val.BetQuestion(kind=kind, prompt="sing", factor=2.0)
        for chosen in choices:
            outcome = msgspec.structs.replace(result, choice=choices[0])
            settled[f"{kind}, {chosen}"] = (ev.BetPlaced(step=1, bet=bet, choice=chosen), outcome)
    return settled


def bets_and_outcomes() -> Sentences:
    assert {bet.kind for bet in BETS.values()} == set(get_args(BetKind))
    for what, bet in BETS.items():
        for n_cards in (4, 800) if bet.kind == "score" else (800,):
            yield f"{what}, {n_cards} cards", bets.question(bet, n_cards)
            yield f"{what}, {n_cards} cards, places", " | ".join(bets.places(bet, n_cards))
    placed = [ev.BetPlaced(step=1, bet=BETS["score, seen, at a step"], share=0.4)]
    yield "still open", bets.open_scores(placed, 400)
    yield "wins", bets.wins(placed[0], 800)  # type: ignore[arg-type]
    yield "asked and predicted", bets.question_and_prediction(placed[0], 800)
    of_class = msgspec.structs.replace(placed[0], is_of_class=True)
    yield "still open, of a class", bets.open_scores([of_class], 400)
    yield "asked and predicted, of a class", bets.question_and_prediction(of_class, 800)
    for what, (bet_placed, outcome) in settled_bets().items():
        of_class = msgspec.structs.replace(bet_placed, is_of_class=True)
        yield f"{what}, settled", bets.settled(bet_placed, outcome)
        yield f"{what}, settled, of a class", bets.settled(of_class, outcome)
        yield f"{what}, came out", bets.came_out(bet_placed, outcome)
    hands = (0, 3, 1, 0, 2, 0, 0, 0, 0, 0, 0)
    by_place = bets.of_each_place(*settled_bets()["score, won"], hands)
    yield from ((f"a class's place {place}", by_place[place]) for place in (1, 2, 4, 9))
    chosen = bets.of_each_place(*settled_bets()["answer, wrong"], (3, 1))
    yield from ((f"a class's choice {place}", text) for place, text in chosen.items())
    nobody = bets.of_each_place(*settled_bets()["answer, wrong"], (0, 4))
    yield "a class of which nobody was right", nobody[1]


def stages_and_cards() -> Sentences:
    for phase, (name, _) in lesson.PHASES.items():
        yield f"phase {phase}", lesson.explanation(phase)
        yield f"phase {phase}, name", tr(name)
    for order, (name, about) in lesson.ORDERS.items():
        yield f"order {order}", f"{tr(name)}: {tr(about)}"
    for mark in (*get_args(val.Mark), None):
        for odds in (0.9, 0.3, 0.01):
            yield f"{mark} at {odds}", lesson.judgement(mark, odds)
    for times, is_never_seen in ((0, True), (0, False), (1, False), (1200, False)):
        what = "never taught" if is_never_seen else f"taught {times} times"
        yield what, lesson.stamp(times, is_never_seen)
        yield f"{what}, short", lesson.short_stamp(times, is_never_seen)
    for stamp in get_args(Stamp):
        yield f"stamp {stamp}", lesson.stamp_label(stamp, 12)
    states = {"new": folded([started()]), "brought": folded([started(base="x/tiny-llama")])}
    for kind in (run_kinds.CARDS, run_kinds.REWARD, run_kinds.TEXT):
        name = type(kind).__name__
        yield f"{name}, to ask", kind.ask_title()
        yield f"{name}, share", kind.share(Score(1, 4))
        for what, state in states.items():
            yield f"{name}, chart of a {what} model", kind.chart_title(state)
    yield "no answer", lesson.nothing()
    yield "failed without a word", lesson.failed("")
    yield "failed", lesson.failed("no space is left")


def broken_by(sign: BreakSign, factor: float = 32.0) -> Break:
    return Break(step=806, sign=sign, before_nats=0.4, factor=factor)


def steps_of(regime: Regime) -> StepWatch:
    """A watch in this regime; its reports are of one error."""
    watch = StepWatch(
        guessing_nats=3.3, factor=4.0, step=900, reports=[(30, 1.2)] * 4, n_at_rate=N_TO_TELL
    )
    match regime:
        case "broken":
            watch.broken = broken_by("forgot")
        case "unknown":
            watch.step = 0
        case "stuck":
            watch.is_stuck = True
        case "learned":
            watch.is_learned = True
        case "one_card":
            watch.is_single = True
        case "too_small":
            watch.size = "small"
        case "too_large":
            watch.size = "large"
    watch.changes = [0.003] * 4
    return watch


def learning_rates() -> Sentences:
    for regime in get_args(Regime):
        watch = steps_of(regime)
        assert watch.regime == regime
        yield regime, rates.sentence(watch)
    watch = steps_of("too_large")
    watch.is_spoiling = True
    yield "too_large, and spoils", rates.sentence(watch)
    for sign in get_args(BreakSign):
        watch = steps_of("broken")
        watch.broken = broken_by(sign)
        yield f"broken, {sign}", rates.broken(watch)
    watch.broken = broken_by("forgot", factor=1.0)
    yield "broken at the deck's own rate", rates.broken(watch, "Press z")
    ends: tuple[EndReason, ...] = ("no_progress", "limit")
    yield from ((f"broken, ended: {reason}", rates.broken(watch, ended=reason)) for reason in ends)


NOTES: dict[NoteKind, val.DeckNote] = {
    kind: val.DeckNote(kind, ("sing", "ring"), 3) for kind in get_args(NoteKind)
}


def decks() -> Sentences:
    yield from ((f"note {kind}", facts.note(note)) for kind, note in NOTES.items())
    yield from ((f"branch, {what}", facts.branch(changed)) for what, changed in CHANGES.items())
    yield "about", facts.about(started(50, 20))
    yield "about, none kept back", facts.about(started(1, 0))
    yield "taught and kept back", facts.taught_and_kept_back(started(50, 20))
    yield "taught and none kept back", facts.taught_and_kept_back(started(50, 0))
    yield "how to keep some back", facts.in_deck_file(200)
    yield "asked as", facts.asked_as("The past tense of {prompt} is")
    yield "filled", facts.filled_as(started(filled_to=10))
    yield "aligned", facts.filled_as(started(filled_to=10, is_aligned=True))
    both = {"earlier": ("First",), "in_both": ("sing", "ring"), "n_in_both": 7}
    chapter = ev.ChapterBegan(step=60, start=started(), file="x", **both)  # type: ignore[arg-type]
    yield "in both decks", facts.in_both_decks(chapter)
    for learns in LEARNS:
        yield f"{learns} learns", facts.remedy(0.25, learns, 1200)
    yield from ((f"adapter {is_on}", facts.adapter(is_on)) for is_on in (True, False))
    yield "adapter False, of a brought model", facts.adapter(False, is_brought=True)
    earlier = Chapter(
        name="Capitals", since_step=0, until_step=60, seen_before=Score(49, 50), seen=Score(20, 50)
    )
    yield "kept of an earlier deck", facts.kept_of(earlier)
    earlier.seen_rates.append(70, 0.1)
    yield "kept, rehearsed", facts.kept_of(earlier, "Plurals", 0.25)
    yield (
        "damaged",
        facts.damaged(
            ev.DamageFound(step=32, file="keyframes/00000064-0123456789abcdef.safetensors")
        ),
    )
    yield "broke down", facts.broke_down(1284)
    yield "luck", facts.luck(1_000, 2_500)
    yield "last step", facts.last_step(2_000, 1_284)
    yield "before, a deck", " | ".join(of_before(before.learned_before("Capitals", is_text=False)))
    yield "before, a text", " | ".join(of_before(before.learned_before("Valley", is_text=True)))


def of_before(learned: before.Before) -> Iterator[str]:
    yield from learned.models()
    yield from (learned.title(), learned.question(), learned.with_it(), learned.newcomer())
    yield learned.offer("Press b")


def updates_of_a_card() -> Sentences:
    yield "made likelier", updates.made_likelier(correction(guess="sang", mark="right"))
    for pair in ((0.2, 0.6), (0.3, 0.3), (1e-9, 2e-9)):
        yield f"chance {pair}", updates.chance_went(*pair)
        yield f"times as likely {pair}", updates.times_as_likely(*pair)
    for nats in (0.0, 0.25, -0.25):
        yield f"mean change {nats}", updates.mean_change(nats)
    for nats, n_helped, n_hurt in ((-0.25, 13, 35), (0.25, 35, 13)):
        yield f"mean change {nats} against most", updates.mean_change(nats, n_helped, n_hurt)
    guesses = {"still wrong": "singed", "right now": "sang"}
    for what, guess in guesses.items():
        card = correction(guess_after=tuple(val.GuessPiece(letter, 0.8) for letter in guess))
        for odds in (0.4, 0.9):
            yield f"{what} at {odds}", updates.repeat(card, change(0.36, odds))
    yield "worse", updates.repeat(correction(), change(0.36, 0.1))
    right = correction(guess="sang", guess_after=tuple(val.GuessPiece(c, 0.8) for c in "sang"))
    yield "right already", updates.repeat(right, change(0.6, 0.9))
    right = msgspec.structs.replace(right, guess="sang")
    yield "right, but less sure", updates.repeat(right, change(0.6, 0.5))
    yield "less likely", updates.times_as_likely(0.6, 0.2)
    sides = {  # cards, helped, hurt, and how their error changed
        "helped cards never taught": (20, 14, 4, -0.1),
        "about as many": (20, 11, 9, -0.1),
        "more helped": (20, 13, 7, -0.1),
        "more helped, but less": (20, 14, 4, 0.1),
        "more hurt": (20, 4, 14, 0.1),
        "none": (20, 0, 0, 0.0),
    }
    for what, (n, n_helped, n_hurt, nats) in sides.items():
        side = val.RippleSide(
            n_cards=n, n_measured=n, n_helped=n_helped, n_hurt=n_hurt, mean_change_nats=nats
        )
        yield (
            f"others, {what}",
            updates.ripple(msgspec.structs.replace(change(), ripple_unseen=side)),
        )
    yield from phases()
    by = (val.TaughtBy("drink", -0.31), val.TaughtBy("ring", -0.22))
    for is_exact in (True, False):
        taught = ev.PinTaught(step=9, prompt="sing", by=by, is_exact=is_exact, since_step=2)
        yield f"taught by, exact {is_exact}", updates.taught_by(taught, 2)
    nobody = ev.PinTaught(step=9, prompt="sing", by=(), is_exact=True, since_step=2)
    yield "taught by no card", updates.taught_by(nobody, 2)


def phases() -> Sentences:
    """Yield what stands under a card that is walked through, of a recorded update."""
    details = recorded.details_at("repeat")
    assert details.reading is not None
    assert details.adjustment is not None
    assert details.expectations is not None
    yield "data", updates.data(details)
    for place in range(2):
        yield f"model, place {place}", updates.model(details.reading, place, "x")
    expectations = details.expectations
    for given, expectation in zip(("", "s"), expectations, strict=False):
        yield (
            f"prediction after {given!r}",
            updates.prediction(expectation, given, details.n_choices),
        )
    sure = recorded.expected(0.99, 0.98)
    yield "prediction, right", updates.prediction(sure[0], "", details.n_choices)
    yield "prediction, deeper", updates.prediction_deeper(expectations)
    yield "prediction, deeper, all right", updates.prediction_deeper(sure)
    for n_ahead in (0, 3):
        yield f"error, {n_ahead} ahead", updates.error(expectations, 2.0, n_ahead)
    yield "error of a sure answer", updates.error(sure, 0.03, 0)
    yield "error of several pieces", updates.error(recorded.expected(0.5, 0.5), 1.4, 0)
    yield "error, deeper", updates.error_deeper(expectations, 37)
    yield (
        "error, deeper, more than blind",
        updates.error_deeper(recorded.expected(0.002, 0.001), 400),
    )
    yield "error, deeper, as blind", updates.error_deeper(recorded.expected(0.1), 10)
    yield (
        "error, deeper, in numbers",
        " | ".join(f"{name}: {text}" for name, text in updates.shares(expectations, 37)),
    )
    n = details.adjustment.n_numbers
    for n_moved in (n, round(0.9 * n), n // 2):
        moved = msgspec.structs.replace(details.adjustment, n_moved=n_moved)
        yield f"adjustment of {n_moved}", updates.adjustment(moved, correction(), None)
    yield "adjustment, size", updates.adjustment(moved, correction(), ("layer 1", 0.0002))
    for n_moved in (n, n // 2):
        part = msgspec.structs.replace(details.adjustment, n_moved=n_moved, n_staying=1_000_000)
        yield f"adjustment of {n_moved}, others stay", updates.adjustment(part, correction(), None)


def rewards_and_texts() -> Sentences:
    rule = JudgeFacts(kind="rule", text="in-order")
    for judge in (rule, JudgeFacts(kind="answers"), JudgeFacts(kind="program", text="judge.py")):
        yield f"judge, {judge.kind}", rewards.judge(judge)
    for practice in get_args(Practice):
        yield f"practice {practice}", rewards.practice(practice)
        for has_loophole in (False, True):
            what = f"question, {practice}, loophole {has_loophole}"
            yield what, rewards.question(practice, has_loophole=has_loophole)
    yield "told nothing", rewards.told_nothing(RewardCounts(n_groups=8, n_alike=3))
    exploit = Exploit(prompt="cab", guess="abbc", answer="abc")
    yield "exploit of a rule", rewards.why_wrong(exploit, rule)
    missing = Exploit(prompt="crbkc", guess="ckr", answer="bcckr")
    yield "exploit, letters missing", rewards.why_wrong(missing, rule)
    yield "an expression", rewards.rewarded(JudgeFacts(kind="expression", text="len(answer)"))
    yield "exploit", rewards.why_wrong(exploit, JudgeFacts(kind="answers"))
    yield "judged", rewards.judged(Score(30, 50))
    text = val.TextFacts(n_characters=640)
    yield from (
        (f"a text begins {i}", t)
        for i, t in enumerate(texts.begins(started(text=text, description="A tale."), text))
    )
    read = ev.CorrectionMeasured(step=9, correction=correction("", "Anka is fond of plums."))
    yield "window", texts.window(read)
    yield "exam of a text", texts.exam(told.exam(9, (30, 100), (20, 100)))
    written = ev.TextWritten(step=9, lines=("Anka is fond.",), copied="is fond")
    yield from ((f"written {i}", line) for i, line in enumerate(texts.written(written)))


def rewarded_runs() -> Sentences:
    for name in ("hole", "nothing", "sorted"):
        state = folded(recorded.rewarded(name))
        yield f"{name}, now", rewards.sentence(state, "Enter")
        for i, text in enumerate(rewards.ends(state)):
            yield f"{name}, end {i}", text
    changes = ((0.5, 0.9), (0.9, 0.5), (0.5, 0.52))
    for before_share, now in changes:
        way = f"{before_share} to {now}"
        for practice in get_args(Practice):
            outcome = rewards.WAYS[practice].outcome(state, 0, before_share, 0.4, now)
            yield f"{way}, {practice}", outcome


NUMBERS: dict[str, tuple[Callable[[float], str], tuple[float, ...]]] = {
    "chance": (numbers.chance, (0.0, 1e-12, 0.00009, 0.004, 0.0996, 0.5, 0.9996, 0.99996, 1.0)),
    "whole percent": (numbers.whole_percent, (0.0, 0.004, 0.006, 0.5, 0.994, 0.996, 1.0)),
    "in words": (numbers.whole_percent_in_words, (0.0, 0.004, 0.5, 0.996, 1.0)),
    "small percent": (numbers.small_percent, (0.0, 1e-8, 0.0002, 0.03)),
    "in a column": (numbers.column_percent, (0.0, 0.004, 0.5, 0.996, 1.0)),
    "odds": (numbers.odds, (1e-9, 0.00009, 0.5)),
    "nats": (numbers.nats, (0.0, 0.004, 0.5, 99.99, 99.994, 100.0, 1234.5)),
    "signed": (numbers.signed, (-0.25, 0.0, 0.25, 12.0)),
    "times": (numbers.times, (0.5, 1.04, 3.0, 250.0)),
    "weight factor": (numbers.weight_factor, (-1.0, 0.0, 0.0004, 1.0)),
    "count": (numbers.count, (0, 999, 1_000, 2_500_000, 3_000_000_000)),
    "duration": (numbers.duration, (0, 59, 60, 3_599, 7_500)),
    "small": (numbers.small, (0.0, 0.00001, 0.05, 3.0)),
    "rate": (numbers.rate_factor, (0.25, 1.0, 1.5, 64.0)),
}


def numbers_and_pieces() -> Sentences:
    for what, (say, values) in NUMBERS.items():
        yield what, " | ".join(say(value) for value in values)
    yield "unknown", f"{numbers.chance(None)} {numbers.nats(None)} {numbers.small(None)}"
    for pair in ((0.2, 0.6), (1e-9, 2e-9), (0.99991, 0.99993), (0.3, 0.3)):
        yield f"apart {pair}", " → ".join(numbers.odds_apart(*pair))
    yield "right of all", numbers.percent_right(Score(19, 20))
    yield "some of all", numbers.n_of(3, 1_000)
    yield "and more", numbers.and_more(2, "sing")
    yield "pieces", " | ".join(pieces.pieces(n) for n in (1, 2, 1_000))
    for n_before, n_after in ((0, 3), (3, 0), (3, 4), (0, 0)):
        yield f"{n_before} and {n_after} left out", pieces.rows_left_out(n_before, n_after)
    yield "invisible pieces", " ".join(map(pieces.visible, (" ", "a b", "\n", "", "<0x0A>")))


SIDE = Side(run="2026-12-01-past-tense-3d7c", deck="past-tense", deck_sha256="1234", seed=1)
"""One of two saved runs; the other one is `OTHER`, but for what is changed in it."""

OTHER = msgspec.structs.replace(SIDE, run="2026-12-01-past-tense-9a0b")


def but(side: Side = OTHER, **changes: object) -> Side:
    return msgspec.structs.replace(side, **changes)


def left(side: Side, parent: str, step: int, change: val.BranchChange = BRANCH) -> Side:
    return but(side, parent=parent, branch_step=step, change=change)


def compared(
    first: Side = SIDE, second: Side = OTHER, same: int | None = 8, parted: int | None = None
) -> Comparison:
    return Comparison(
        first=first,
        second=second,
        same_until_step=same,
        parted_step=parted,
        parted_what="",
        answer=None,
        at_equal_cards=None,
    )


PARENT, OTHER_PARENT = "2026-11-30-past-tense-77aa", "2026-11-30-past-tense-b1b1"
SIBLING = left(SIDE, PARENT, 20)
COMPARISONS = {
    "alike": compared(),
    "alike until a step": compared(parted=16),
    "another seed": compared(second=but(seed=2)),
    "another rate": compared(
        but(SIDE, learning_rate=0.02), but(learning_rate=0.01, order="hardest")
    ),
    "another deck": compared(second=but(deck="plurals", deck_sha256="5678")),
    "the deck as of another day": compared(second=but(deck_sha256="5678")),
    "shuffled answers": compared(second=but(is_shuffled=True)),
    "a branch": compared(second=left(OTHER, SIDE.run, 8)),
    "two branches": compared(SIBLING, left(OTHER, PARENT, 12, CHANGES["seed"])),
    "branches of two runs": compared(SIBLING, left(OTHER, OTHER_PARENT, 12)),
    "a newcomer": compared(second=but(before=("Capitals",))),
    "a newcomer, a text": compared(but(SIDE, before=("Valley",), has_read=True)),
}


def two_runs() -> Sentences:
    for what, comparison in COMPARISONS.items():
        yield f"{what}, title", races.title(comparison, ("3d7c", "9a0b"))
        yield f"{what}, shared", " | ".join(races.shared(comparison))
        yield f"{what}, different", " | ".join(races.different(comparison))
    for what in ("alike", "another deck", "a newcomer"):
        for is_all in (False, True):
            answer = races.no_answer(COMPARISONS[what], is_all=is_all)
            yield f"{what}, no answer, all {is_all}", answer
    for n_cards in (45, 89, 90):
        yield f"{n_cards} of 100 cards", races.catches_up(n_cards, 100)
    for score in (Score(30, 99), Score(30, 100)):
        yield f"right of {score.total}", races.right(score)


def newcomers() -> Sentences:
    """Yield whether it helped to have learned something before, by the cards never taught."""
    unseen = {"helps": (80, 20), "harms": (20, 80), "luck": (50, 49), "none asked": (0, 0)}
    for is_text in (False, True):
        learned = before.learned_before("Capitals", is_text=is_text)
        what = "a text" if is_text else "a deck"
        for how, (n_right, n_right_new) in unseen.items():
            states = [asked(n, 100 if n_right else 0) for n in (n_right, n_right_new)]
            yield f"{what}, {how}", races.outcome(learned, *states)
        taught_alone = asked(80, 100)
        yield f"{what}, alone", races.outcome(learned, taught_alone, None)
        late = folded([started(), told.steps(4)])
        yield f"{what}, not caught up", races.outcome(learned, taught_alone, late)


def asked(n_right: int, n_cards: int) -> RunState:
    """A run whose last exam asked so many cards that were never taught."""
    return folded([started(), told.exam(8, (1, 50), (n_right, n_cards)), told.steps(8)])


def narrated_lines() -> Sentences:
    """Yield what a lesson as lines says, each line once."""
    lines: set[str] = set()
    for name in narrations.LESSONS:
        for i, told_lines in enumerate(narrations.narrated(name)):
            fresh = [line for line in told_lines if line not in lines]
            lines.update(fresh)
            if fresh:
                yield f"{name}, {i}", "\n".join(fresh)


VERIFIED = Verification(
    run="r",
    last_step=1_284,
    n_numbers=9_000,
    n_states=7,
    n_exams=0,
    n_different=0,
    differences=(),
    is_exact=True,
)
CHECKED = msgspec.structs.replace(VERIFIED, n_exams=2, is_exact=False, elsewhere="Python there")
VERIFICATIONS = {
    "the same": VERIFIED,
    "the same, elsewhere": CHECKED,
    "given up": msgspec.structs.replace(VERIFIED, problem="Why."),
    "a difference": msgspec.structs.replace(
        VERIFIED, n_different=1, differences=(Mismatch("value", 3, "LessonEnded", "0.5", "0.75"),)
    ),
    "more differences than are listed": msgspec.structs.replace(VERIFIED, n_different=1_000),
}


def verifications() -> Sentences:
    for kind in get_args(MismatchKind):
        yield kind, sentence_of(Mismatch(kind, 3, "LessonEnded", "0.5", "0.75", 0.25))
    for what, verification in VERIFICATIONS.items():
        yield what, "\n".join(sentences_of(verification))


PARTS = {
    "verify": verifications,
    "line": narrated_lines,
    "marker": markers_of_a_run,
    "verdict": verdicts,
    "bet": bets_and_outcomes,
    "lesson": stages_and_cards,
    "rate": learning_rates,
    "deck": decks,
    "update": updates_of_a_card,
    "reward": rewards_and_texts,
    "rewarded": rewarded_runs,
    "race": two_runs,
    "newcomer": newcomers,
    "number": numbers_and_pieces,
}


def sentences() -> Sentences:
    """Yield every sentence in the language of the environment, with its key."""
    for part, say in PARTS.items():
        for what, text in say():
            yield f"{part}: {what}", text
