"""Facts of a run in words, in the language chosen, for whoever shows them: screen, lines or page.
Nothing said here is stored, sent or read back."""

import re
from typing import assert_never

from flashcards.base.keyed_text import sentences
from flashcards.base.language import capital, format_number, tr
from flashcards.runs import events, exam_history, folder, values as val
from flashcards.runs.state import RunState
from flashcards.runs.verdict import (
    ALWAYS,
    Verdict,
    always_saying,
    fraction,
    give_or_take,
    is_ahead,
    is_better,
    percent,
    shown_percent,
    wilson,
)
from flashcards.wording.lesson import ORDERS, nothing
from flashcards.wording.numbers import nats

RIVALS = {  # what each does, after "a program that"
    "lookup": "looks it up",
    "ngram": "copies a card ending alike",
    "nearest": "copies the most similar card",
}

SIZE = re.compile(r"[-.](I?Q\d|BF16|F16|F32)|-[\d.]+[MB]\b", re.IGNORECASE)


def model_name(base: str) -> str:
    """A brought model's, without its size and what follows: how its numbers are rounded."""
    return SIZE.split(base)[0]


LETTERS = "letters-"  # names of the rivals of a text begin so: `rivals/letter_counts.py`


def rival_name(name: str) -> str:
    if name.startswith(ALWAYS):
        return tr("always says {answer}", answer=quoted(name.removeprefix(ALWAYS)))
    if not name.startswith(LETTERS):
        return tr(RIVALS[name]) if name in RIVALS else name
    match int(name.removeprefix(LETTERS)) - 1:
        case 0:
            return tr("no letter before")
        case 1:
            return tr("1 letter before")
        case n:
            return tr("{n} letters before", n=n)


def _explained(name: str) -> str:
    """Name a rival, and say why one that always gives the same answer is often right."""
    if name.startswith(ALWAYS):
        return tr("{always}, the most common answer", always=rival_name(name))
    return rival_name(name)


def always_says(common: val.CommonAnswer) -> str:
    return rival_name(always_saying(common).name)


def common_answer(common: val.CommonAnswer) -> str:
    """Explain scores of those who can't know: so many cards have one answer."""
    score = common.unseen if common.unseen.total else common.seen
    text = "Whoever always says {answer} has {share} of the cards right."
    if common.unseen.total:
        text = "Whoever always says {answer} has {share} of the cards never taught right."
    return tr(text, answer=quoted(common.answer), share=percent(score.rate or 0.0))


ALIKE, MUCH = 0.05, 0.2
"""Shares right that differ by no more are alike; a common answer is right for so many at least."""

HALF = 0.5  # of the cards never taught, and clearly fewer or more, tell which of both it is mostly
KNOWN_BY_HEART = 0.9  # of the cards taught; then cards never taught tell by heart from by rule


def no_more_than_common(judged: Verdict, common: val.CommonAnswer | None) -> str:
    """Explain scores that always giving a common answer has as well; "" of others, and of those
    that more can be said of."""
    if common is None or judged.case not in ("learning", "few_never_seen"):
        return ""
    right, always = judged.unseen, common.unseen
    if not right.total:
        right, always = judged.seen, common.seen
    is_explained = (always.rate or 0.0) >= MUCH and are_alike(right, always)
    if not is_explained:
        return ""
    explained = common_answer(common)
    if not judged.unseen.total:
        return explained
    return sentences(explained, tr("The model has about as much: no sign of understanding so far."))


def are_alike(score: val.Score, other: val.Score) -> bool:
    return abs((score.rate or 0.0) - (other.rate or 0.0)) <= ALIKE


def section_name(name: str) -> str:
    """A section of a deck as it is shown: those of the shipped decks in the viewer's language."""
    return tr(name) if name in ("regular", "irregular", "letters", "words") else name


def _interval(score: val.Score) -> str:
    """Say how far off the share right may be by luck."""
    n = give_or_take(score)
    if score.right == score.total:
        return tr("allowing for luck, at least {n} % of all such cards", n=100 - n)
    return tr("give or take 1 point") if n == 1 else tr("give or take {n} points", n=n)


def verdict(judged: Verdict, *, is_brief: bool = False, keeps_back: str = "") -> str:
    """`keeps_back`: what would keep some cards back where none are, see `kept_back_by`."""
    seen = judged.seen
    unseen = judged.unseen
    best = judged.best
    facts: dict[str, str | float] = {
        "rate": percent(unseen.rate or 0.0),
        "total": unseen.total,
        "interval": _interval(unseen),
        "scores": both_scores(seen, unseen),
    }
    match judged.case:
        case "few_never_seen":
            offer = "" if unseen.total else kept_back_by(keeps_back)
            return sentences(_few_never_seen(seen, unseen), offer)
        case "understood" if is_brief and unseen.right < unseen.total:
            return tr(
                "It has understood: {rate} of the cards it was never taught are right.", **facts
            )
        case "understood" if is_brief:
            return tr("It has understood: all cards it was never taught are right.")
        case "understood":
            others = tr("looking up or copying gets none")
            if best is not None:
                share = percent(best.unseen.rate or 0.0)
                name = rival_name(best.name)
                others = tr("a program that {name} gets {share}", name=name, share=share)
            text = "It has understood: all {total:,} cards it was never taught are right; {others}."
            if unseen.right < unseen.total or give_or_take(unseen) > 1:
                text = (
                    "It has understood: {rate} of the {total:,} cards it was never taught are "
                    "right "
                    "({interval}); {others}."
                )
            return tr(text, **facts, others=others)
        case "understood_by_rival":
            assert best is not None
            return tr(
                "It can't be told: {rate} of {total:,} never taught are right ({interval}), "
                "not clearly more than the {share} of a program that {name}.",
                **facts,
                name=rival_name(best.name),
                share=percent(best.unseen.rate or 0.0),
            )
        case "memorised":
            return _memorised(judged)
        case "no_better_than_rival":
            assert best is not None
            than_text = "no better than the {score} of a program that {best}"
            if unseen.right < best.unseen.right:
                than_text = "fewer than the {score} of a program that {best}"
            than = tr(than_text, best=_explained(best.name), score=fraction(best.unseen))
            scores = f"{_taught_right(seen, unseen)}, {than}"
            fact = tr("It has memorised: {scores}.", scores=scores)
            return f"{fact} {tr(judged.because)}".rstrip()
        case "between":
            text = "Between memory and understanding: {scores} ({rate}, {interval})."
            low, high = wilson(unseen)
            if high < HALF:
                text = "Mostly memory: {scores} ({rate}, {interval})."
            elif low > HALF:
                text = "Mostly understanding: {scores} ({rate}, {interval})."
            return tr(text, **facts)
        case "read":
            return _read(seen, unseen, best)
        case "knew":
            assert judged.known is not None
            return _knew(judged.known, unseen, is_later=judged.is_later_chapter)
        case "learning":
            text = "Memory or understanding? Too early to say. Right so far: {scores}."
            if not seen.right + unseen.right:
                text = "Memory or understanding? Neither yet, nothing is right: {scores}."
            elif is_ahead(unseen, best):
                text = "Not only by heart: {scores} are right so far."
            return f"{tr(text, **facts)} {_never_seen_leads(seen, unseen)}".rstrip()
        case _:
            assert_never(judged.case)


def memory_or_understanding(judged: Verdict, *, is_over: bool) -> str:
    """Answer that in a few words; "" where nothing tells them apart."""
    unseen = judged.unseen
    match judged.case:
        case "memorised" | "no_better_than_rival":
            return tr("Memory.") if is_over else tr("Memory so far.")
        case "understood":
            return tr("Understanding.") if is_over else tr("Understanding so far.")
        case "between":
            low, high = wilson(unseen)
            text = "Mostly understanding." if low > HALF else "In between."
            return tr("Mostly memory." if high < HALF else text)
        case "understood_by_rival":
            return tr("It can't be told.")
        case "few_never_seen":
            if unseen.total and _looks_learnt_by_heart(judged.seen, unseen):
                return tr("It looks like memory.")
            return tr("Too few cards to tell.") if unseen.total else ""
        case "learning":
            if not judged.seen.right + unseen.right:
                return tr("Neither yet.")
            is_more = is_ahead(unseen, judged.best)
            return tr("Not only memory so far." if is_more else "Too early to say.")
        case "read" | "knew":
            return ""
        case _:
            assert_never(judged.case)


def so_far(judged: Verdict) -> str:
    """Say before the verdict of a lesson that goes on that it may change; "" of one that says so
    itself."""
    return "" if judged.kind == "too_early" else f"{tr('So far')}:"


def verdict_so_far(judged: Verdict) -> str:
    """The verdict of a lesson that goes on, in its short sentence."""
    return f"{so_far(judged)} {verdict(judged, is_brief=True)}".lstrip()


def both_scores(seen: val.Score, unseen: val.Score) -> str:
    """Right answers of both kinds of card, of those that were asked."""
    if not unseen.total:  # none is kept back
        return tr("{seen} taught", seen=fraction(seen))
    if not seen.total:  # before the first card is taught
        return tr("{unseen} never taught", unseen=fraction(unseen))
    return tr("{seen} taught, {unseen} never taught", seen=fraction(seen), unseen=fraction(unseen))


def right(seen: val.Score, unseen: val.Score, *, is_sample: bool) -> str:
    """Say what an exam found; "" where it asked nothing."""
    if not seen.total and not unseen.total:
        return ""
    text = "Right in a sample: {scores}." if is_sample else "Right: {scores}."
    return tr(text, scores=both_scores(seen, unseen))


def errors(seen_nats: float | None, unseen_nats: float | None) -> str:
    """Give both errors of an exam, the mean of a piece; "" where neither was measured."""
    named = ((tr("taught"), seen_nats), (tr("never taught"), unseen_nats))
    listed = ", ".join(f"{name} {nats(error)}" for name, error in named if error is not None)
    text = f"{capital(tr('error'))} ({tr('0 = expected it')}): {listed}."
    return text if listed else ""


def _never_seen_leads(seen: val.Score, unseen: val.Score) -> str:
    """Explain a larger share of cards never taught than of those taught; "" without it."""
    if seen.rate is None or (unseen.rate or 0.0) <= seen.rate:
        return ""
    if is_better(unseen, seen):
        return tr("NEVER TAUGHT leads: the cards it was taught may be harder.")
    return tr("That NEVER TAUGHT leads may be chance.")


def few_never_seen(n: int) -> str:
    """Say that too few cards are never taught for a verdict."""
    match n:
        case 0:
            return tr("no card was kept back")
        case 1:
            return tr("only 1 card is never taught")
        case _:
            return tr("only {n} cards are never taught", n=n)


def taught_and_kept_back(start: events.RunStarted) -> str:
    if not start.n_held_out:
        return tr("{n_taught:,} cards are taught, none is kept back.", n_taught=start.n_taught)
    text = "{n_taught:,} cards are taught, {n_held_out:,} are only asked, never taught."
    return tr(text, n_taught=start.n_taught, n_held_out=start.n_held_out)


def n_never_seen(n: int) -> str:
    """Say how many cards of a deck are never taught, in a list of figures."""
    return tr("{n:,} never taught", n=n) if n else tr("none kept back")


def kept_back_by(keeps_back: str) -> str:
    """Say behind a sentence that no card is kept back what to press, or to write in the deck's
    file, to keep some back; "" for nothing."""
    return tr("{do_this} to test it.", do_this=keeps_back) if keeps_back else ""


def in_deck_file(n_cards: int) -> str:
    """The line that keeps back enough cards, or as many as can be spared."""
    line = f"held_out = {0.5 if n_cards < ENOUGH_FOR_A_FIFTH else 0.2:g}"
    return tr("Write `{line}` at the deck's top", line=line)


def _looks_learnt_by_heart(seen: val.Score, unseen: val.Score) -> bool:
    return unseen.right == 0 and (seen.rate or 0.0) >= KNOWN_BY_HEART


def _few_never_seen(seen: val.Score, unseen: val.Score) -> str:
    if unseen.total and seen.total and not seen.right and not unseen.right:
        return tr(
            "Nothing is right, so neither memory nor understanding shows: {scores}.",
            scores=_taught_right(seen, unseen),
        )
    text = "{seen} taught cards right." if unseen.total else "{seen} cards right."
    right = tr(text, seen=fraction(seen)) if seen.total else ""
    if unseen.total:
        text = "Never taught: {unseen} right. So few cards prove little."
        if _looks_learnt_by_heart(seen, unseen):
            text = (
                "Never taught: {unseen} right. It looks learnt by heart, but so few cards prove "
                "little."
            )
        why = tr(text, unseen=fraction(unseen))
    else:
        why = tr("No card was kept back, so memory and understanding can't be told apart.")
    return f"{right} {why}".lstrip()


def _taught_right(seen: val.Score, unseen: val.Score) -> str:
    text = "{seen} taught right, {unseen} never taught"
    return tr(text, seen=fraction(seen), unseen=fraction(unseen))


def _memorised(judged: Verdict) -> str:
    seen = judged.seen
    unseen = judged.unseen
    best = judged.best
    fact = tr("It has memorised: {scores}.", scores=_taught_right(seen, unseen))
    if best is not None and is_better(best.unseen, unseen):
        score = fraction(best.unseen)
        if best.name.startswith(ALWAYS):
            answer = quoted(best.name.removeprefix(ALWAYS))
            rival = tr("Always saying {answer} gets {score} of those.", answer=answer, score=score)
        else:
            name = rival_name(best.name)
            rival = tr("A program that {best} gets {score} of those.", best=name, score=score)
        return f"{fact} {rival}"
    if judged.because:
        return f"{fact} {tr(judged.because)}"
    if unseen.right == 0:
        return f"{fact} {tr('Nothing it learned so far answers new prompts.')}"
    return f"{fact} {tr('Hardly anything it learned so far answers new prompts.')}"


def _read(seen: val.Score, unseen: val.Score, best: val.Rival | None) -> str:
    if best is None:
        return next_pieces(seen, unseen)
    return tr(
        "It guesses {seen} of the letters right in the text it reads, {unseen} in a text it never "
        "saw; just counting which letter follows which gets {score}.",
        seen=percent(seen.rate or 0.0),
        unseen=percent(unseen.rate or 0.0),
        score=percent(best.unseen.rate or 0.0),
    )


ENOUGH_FOR_A_FIFTH = 120  # cards, of which a fifth is surely 20

MOST_KEPT = 0.5  # share of what it knew; with less it is said that it forgets


def _knew(known: val.Knowledge, unseen: val.Score, *, is_later: bool) -> str:
    sentences = known.sentences
    if sentences is not None and sentences.now < MOST_KEPT * sentences.before:
        return f"{tr('It forgets.')} {what_else(known)}"
    text = "Of {n:,} never taught here {right:,} are right now: perhaps it read them."
    more = tr(text, n=unseen.total, right=unseen.right) if unseen.right else ""
    return f"{knew_before(known.cards, is_later=is_later)} {more}".rstrip()


def knew_before(known: val.Score, *, is_later: bool = False) -> str:
    """Say how many cards it knew before this deck was taught, and how many of them are still right.
    `is_later`: another deck was taught before, so that it may have learned some of them here."""
    if not known.total and is_later:
        return tr("Before this deck was taught it knew none of its cards.")
    if not known.total:
        return tr("Unlike a new one, it had read a lot; but it knew none of these cards before.")
    match known.right:
        case known.total:
            now = tr("still right") if known.total == 1 else tr("all still right")
        case 0:
            now = tr("no longer right") if known.total == 1 else tr("none still right")
        case right:
            now = tr("{right:,} still right", right=right)
    text = "Unlike a new one, it had read a lot: it knew {cards} before, {kept}."
    if is_later:
        text = "Before this deck was taught it knew {cards} of it, {kept}."
    return tr(text, cards=cards(known.total), kept=now)


def what_else(known: val.Knowledge | None) -> str:
    """Say how many everyday sentences it finished rightly before, and does now; "" where none were
    asked."""
    sentences = None if known is None else known.sentences
    if sentences is None:
        return ""
    text = "Everyday sentences finished correctly: {before} of {total} before, {now} now."
    return tr(text, before=sentences.before, now=sentences.now, total=sentences.total)


def next_pieces(seen: val.Score, unseen: val.Score) -> str:
    return tr(
        "It guesses {seen} of what comes next in the text it reads, {unseen} in text it never saw.",
        seen="–" if seen.rate is None else percent(seen.rate),
        unseen="–" if unseen.rate is None else percent(unseen.rate),
    )


def branch(change: val.BranchChange) -> str:
    """Say what a branch does otherwise, after "it goes on"."""
    parts = []
    if change.learning_rate_factor is not None:
        parts.append(_corrections(change.learning_rate_factor))
    if change.seed is not None:
        parts.append(tr("with the cards shuffled anew (shuffle no. {seed})", seed=change.seed))
    if change.order is not None:
        parts.append(tr("in another order: {order}", order=tr(ORDERS[change.order][0])))
    if change.without_prompt is not None:
        parts.append(tr("without the card {prompt}", prompt=quoted(change.without_prompt)))
    if change.after is not None:
        parts.append(tr("with another deck: {deck}", deck=change.after))
    return ", ".join(parts) or tr("with nothing changed")


def _corrections(factor: float) -> str:
    if factor == 2:
        return tr("with corrections twice the usual size")
    if factor == 0.5:
        return tr("with corrections half the usual size")
    if factor == 1:
        return tr("with corrections of the usual size")
    text = "with corrections {n} times the usual size"
    if factor < 1:
        text = "with corrections 1/{n} of the usual size"
    return tr(text, n=format_number(max(factor, 1 / factor), "g"))


def about(start: events.RunStarted) -> str:
    """Say what is in the deck, and nothing of how its lessons turn out: somebody may be betting."""
    if start.description or start.text is not None:
        return tr(start.description)
    text = tr("{taught} to learn.", taught=cards(start.n_taught))
    if start.n_held_out:
        text += " " + tr("Asked and never taught: {n:,}.", n=start.n_held_out)
    return text


OWN_END: tuple[val.EndReason, ...] = ("all_right", "no_progress")


def usual_end(state: RunState) -> str:
    """Give the deck's own words on how its lessons turn out, once this one has come to its own end.
    "" before, and where the verdict ends with the deck's reason: it says as much."""
    start = state.start
    ended = state.ended
    judged = state.end_verdict
    is_usual = ended is not None and ended.reason in OWN_END and state.steps.broken is None
    if start is None or not is_usual:
        return ""
    has_reason = judged is not None and judged.kind == "memorised" and judged.because != ""
    return "" if has_reason else start.shows


def asked_as(ask: str) -> str:
    """Say what the model reads of each card; "" for the prompt alone."""
    return tr("For each card it reads: {text}.", text=quoted(ask)) if ask else ""


def filled_as(start: events.RunStarted) -> str:
    """Say how prompts are filled up, and letters have their sounds; "" where they are not."""
    text = (
        "It reads prompts filled up with ◦ to {n} characters, so that every answer is equally "
        "far from the beginning of its prompt."
    )
    if start.is_aligned:
        text = (
            "It reads prompts filled up with ◦ to {n} characters, and answers with one piece for "
            "each letter, ◦ where a letter is silent: so a sound is always equally far from its "
            "letter."
        )
    return tr(text, n=start.filled_to) if start.filled_to else ""


def in_both_decks(began: events.ChapterBegan) -> str:
    """Prompts that must be answered otherwise than before; "" without any."""
    if not began.n_in_both:
        return ""
    text = "{n:,} prompts have another answer in this deck ({named}): it must forget the old one."
    if began.n_in_both == 1:
        text = "1 prompt has another answer in this deck ({named}): it must forget the old one."
    more = " …" if began.n_in_both > len(began.in_both) else ""
    return tr(text, n=began.n_in_both, named=", ".join(began.in_both) + more)


def remedy(rehearsal: float, learns: val.Learns, n_learned: int) -> str:
    changes = learning(learns, n_learned)
    return f"{rehearsed(rehearsal)} {changes}" if rehearsal else changes


def learning(learns: val.Learns, n_learned: int) -> str:
    match learns:
        case "all":
            return tr("All {n:,} numbers of the model change.", n=n_learned)
        case "last_layer":
            return tr("Only the last layer changes: {n:,} numbers.", n=n_learned)
        case "adapter":
            text = "Only an adapter changes: {n:,} numbers beside the model, which stays as it was."
            return tr(text, n=n_learned)


def adapter(is_on: bool, *, is_brought: bool = False) -> str:
    """Say whether the adapter is on. That of a brought model has learned all that was taught."""
    if is_on:
        return tr("The adapter is on.")
    if is_brought:
        return tr("The adapter is off: the model answers without what it learned here.")
    return tr("The adapter is off: the old model answers, so nothing is lost.")


def rehearsed(share: float) -> str:
    return tr("Old cards are mixed in again: {share:.0%} of all that is taught.", share=share)


def is_kept(chapter: exam_history.Chapter) -> bool:
    """Tell whether an earlier deck is known as well as when its chapter ended, and always was."""
    if chapter.seen is None or chapter.seen_before is None:
        return True
    before = shown_percent(chapter.seen_before.rate or 0.0)
    since = [share for step, share in chapter.seen_rates.points if step >= chapter.until_step]
    return shown_percent(min([chapter.seen.rate or 0.0, *since])) >= before > 0


CAME_BACK = 0.03  # of the cards; of what is lost, less is not told: 0 % and then 1 % are one


def kept_of(chapter: exam_history.Chapter, taught: str = "", rehearsal: float = 0.0) -> str:
    """An earlier deck's score when its chapter ended, the least one since if it came back from
    that, and now that a share of what is taught are old cards; "" when it was not asked yet.
    `taught`: the deck for which it was forgotten before old cards came back; "" where they never
    were away."""
    if chapter.seen is None or chapter.seen_before is None:
        return ""
    before, now = chapter.seen_before.rate or 0.0, chapter.seen.rate or 0.0
    since = [share for step, share in chapter.seen_rates.points if step >= chapter.until_step]
    least = min(since, default=now)
    is_lost = shown_percent(now) < shown_percent(before)
    came_back = least < min(before, now) and (now - least > CAME_BACK or not is_lost)
    shares = [before, least] if came_back else [before]
    way = " → ".join(map(percent, shares))
    if rehearsal and taught and len(shares) > 1:
        return tr(
            "Taught {taught}, it forgot {deck}: {way} right. With {share:.0%} old cards mixed in, "
            "{now} are right again.",
            taught=quoted(taught),
            deck=quoted(chapter.name),
            way=way,
            share=rehearsal,
            now=percent(now),
        )
    deck = quoted(chapter.name)
    text = "{deck}: {before} were right, now {now}."
    if is_kept(chapter):
        text = "{deck}: still {now} right, nothing is forgotten so far."
    elif came_back:
        text = "{deck}: {before} were right, then {least}, now {now}."
    elif is_lost:
        text = "It forgets {deck}: {before} were right, now {now}."
        if not now:
            text = "It has forgotten {deck}: {before} were right, now none."
    score = tr(text, deck=deck, before=percent(before), least=percent(least), now=percent(now))
    return f"{score} {rehearsed(rehearsal)}" if rehearsal else score


def deck_problem(problem: val.DeckProblem) -> str:
    return f"{problem.file}:{problem.line}: {problem.text}"


def quoted(text: str) -> str:
    """A deck's or a model's text among the program's own words."""
    return tr("“{text}”", text=text.strip() or nothing())


def cards(n: int) -> str:
    return tr("1 card") if n == 1 else tr("{n:,} cards", n=n)


def note(fact: val.DeckNote) -> str:
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
            text = "New to the model: {listed}. It reads and writes that in bytes."
            return tr(text, listed=listed)
        case "no_longer_held_out":
            return tr(
                "{prompt} was never taught until now. It is taught from here on, so NEVER "
                "TAUGHT no "
                "longer counts it.",
                prompt=names[0],
            )
        case "taught_before":
            text = "Taught before, and still taught until the lesson starts over: {cards}."
            return tr(text, cards=cards(fact.n))
        case "file_unknown":
            return tr("Its deck file is not known here: this run alone has it.")
        case "file_shipped":
            return tr("The shipped deck stays as it is.")
        case "file_changed":
            return tr("{file} was changed meanwhile: this run alone has it.", file=fact.names[0])
        case "file_unwritable":
            text = "{file} can't be written ({reason}): this run alone has it."
            return tr(text, file=fact.names[0], reason=fact.names[1])
        case "file_has_it":
            return tr("{file} has it too.", file=fact.names[0])
        case other:
            assert_never(other)


def damaged(damage: events.DamageFound) -> str:
    return tr(
        "The saved state of step {step:,} is damaged: that of step {taken:,} was taken instead.",
        step=folder.step_of_state(damage.file.rpartition("/")[2]),
        taken=damage.step,
    )


def broke_down(step: int) -> str:
    what = tr(
        "The error stopped being a number after step {step:,}: the steps were too large. That "
        "update was left out; everything before it is saved.",
        step=step,
    )
    return tr("Training broke down: {what}", what=what)


def luck(fewest: float, most: float) -> str:
    """Say how far lessons differ by their random numbers alone, from the fewest and the most cards
    that one of them took; "" where these are equal."""
    if not 0 < fewest < most:
        return ""
    return tr(
        "Luck alone: the slowest took {times} times as many cards as the quickest. So never "
        "compare one lesson with one other: compare many with many.",
        times=format_number(most / fewest, ".1f"),
    )


def last_step(asked_step: int, step: int) -> str:
    """A later step was asked for than the run's last, which is taken."""
    text = "the run ends before step {asked:,}; this is its last step, {step:,}"
    return tr(text, asked=asked_step, step=step)
