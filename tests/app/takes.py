"""What is recorded for the pictures of README and docs: which lesson, and what is done when."""

from collections.abc import Callable
from dataclasses import dataclass

from flashcards.app.app import FlashcardsApp
from flashcards.app.run.follower import Follower
from flashcards.app.widgets.frame import VerdictLine
from flashcards.trainer.request import LessonRequest
from tests.app.branches import differing
from tests.app.recordings import SIZE, Act, Did, Pressed, Shot

Moment = Callable[[FlashcardsApp], bool]  # whether it has come


@dataclass(frozen=True)
class Take:
    request: LessonRequest
    script: tuple[Act | Moment, ...]


def lesson(deck: str, **changes: object) -> LessonRequest:
    return LessonRequest(**{"deck": deck, "speed": "full", **changes})  # type: ignore[arg-type]


def at(step: int) -> Moment:
    return lambda app: app.session.state.step >= step


def right_from(step: int, *prompts: str) -> Moment:
    """The card that is shown was answered right, from this step on; and it is one of these."""

    def is_so(app: FlashcardsApp) -> bool:
        now = app.session.state.card.now
        is_right = now is not None and now.mark == "right"
        is_one = now is not None and (not prompts or now.prompt in prompts)
        return app.session.state.step >= step and is_right and is_one

    return is_so


def after(n_steps: int) -> Moment:
    return lambda app: (
        app.session.state.life.began is not None
        and app.session.state.step >= app.session.state.life.since_step + n_steps
    )


def said(text: str) -> Moment:
    return lambda app: text in str(app.screen.query_one(VerdictLine).showing)


def caught_up(name: str) -> Moment:
    """The lesson is paused; a twin or a branch was taught as many cards."""

    def is_so(app: FlashcardsApp) -> bool:
        follower = app.session.run.followers.get(name)
        if not isinstance(follower, Follower) or follower.run is None or not follower.run.is_up:
            return False
        follower.catch_up()
        return follower.is_behind_steps <= 1

    return is_so


def ended(app: FlashcardsApp) -> bool:
    return app.session.state.ended is not None


def is_asked_broken(app: FlashcardsApp) -> bool:
    """The exam is of the broken model, and not of the mean of what it was until then."""
    broken, exam = app.session.state.steps.broken, app.session.state.exams.last
    return broken is not None and exam is not None and exam.step > broken.step + 20


def is_made_again(app: FlashcardsApp) -> bool:
    past = app.session.travel.past
    return past is not None and past.is_recomputed


def typed(text: str) -> Pressed:
    return Pressed((*text, "enter"))


WIDE = (120, 40)
EVERYDAY = (  # a word that everybody knows, for the first picture of all
    "walk",
    "talk",
    "look",
    "play",
    "open",
    "help",
    "wait",
    "want",
    "need",
    "like",
    "love",
    "live",
    "work",
    "call",
    "ask",
    "move",
    "turn",
    "start",
    "show",
    "jump",
    "cook",
    "clean",
    "close",
    "dance",
    "laugh",
    "smile",
    "visit",
    "wash",
    "watch",
    "paint",
    "plant",
    "listen",
)
SLOWEST = (Did("slower"),) * 4
TAKES = {
    "apple": Take(
        lesson("apple", speed="brisk"),
        (
            at(572),
            *SLOWEST,
            said("“apple” is likelier"),
            Did("play"),
            Did("more"),
            Shot("apple", SIZE),
        ),
    ),
    "capitals": Take(
        lesson("capitals"),
        (
            ended,
            Did("view_memory"),
            Shot("memory-capitals", SIZE),
            Did("view_lesson"),
            Did("decks"),
            Pressed(("down",)),
            Shot("decks", SIZE),
        ),
    ),
    "lead": Take(  # docs/one-correction.md and the tests of views 4 and 6 tell of this very card
        lesson("past-tense"),
        (
            at(600),
            Did("phase_next"),
            Did("phase_next"),
            Shot("update-model-80x24", SIZE),
            Did("phase_next"),
            Did("phase_next"),
            Did("phase_next"),
            Did("phase_next"),
            Did("view_inside"),
            Shot("inside-map-80x24", SIZE),
        ),
    ),
    "correction": Take(
        lesson("past-tense"),
        (
            at(200),
            Did("play"),
            *SLOWEST,
            Did("view_update"),
            Did("play"),
            said("sure. It even helped"),
            Did("play"),
            Shot("correction-80x24", SIZE),
        ),
    ),
    "addition": Take(
        lesson("addition"), (ended, Did("more"), Did("view_memory"), Shot("memory-addition", SIZE))
    ),
    "past-tense": Take(
        lesson("past-tense"),
        (
            at(1100),
            *SLOWEST[:2],
            right_from(1100, *EVERYDAY),
            Did("play"),
            Did("faster"),
            Did("faster"),
            Did("more"),
            Shot("first-screen-80x24", SIZE),
            Shot("first-screen-120x40", WIDE),
            Did("present"),
            Shot("presenter-80x24", SIZE),
            Did("view_memory"),
            Shot("memory-past-tense", SIZE),
            Did("view_cards"),
            Pressed(("s",)),
            Shot("cards", SIZE),
            Did("view_lesson"),
            Did("ask"),
            typed("zorp"),
            Shot("ask", SIZE),
        ),
    ),
    "bet": Take(
        lesson("past-tense"),
        (
            right_from(150),
            Did("play"),
            Did("more"),
            Did("bet"),
            Pressed(("right",) * 6),
            Shot("bet-80x24", SIZE),
        ),
    ),
    "past": Take(
        lesson("past-tense"),
        (
            at(600),
            Did("play"),
            Did("more"),
            Did("marker_before"),
            *[Did("forward_10")] * 15,
            is_made_again,
            Shot("past", SIZE),
        ),
    ),
    "broken": Take(
        lesson("past-tense"),
        (
            at(600),
            Did("more"),
            *[Did("rate_up")] * 5,
            is_asked_broken,
            Did("play"),
            Shot("broken", SIZE),
        ),
    ),
    "twin": Take(
        lesson("few-sorted"),
        (
            at(1),
            Did("more"),
            Did("twin"),
            Did("view_memory"),
            at(1_000),
            Did("play"),
            caught_up("twin"),
            Shot("twin", SIZE),
        ),
    ),
    "race": Take(
        lesson("past-tense"),
        (
            at(300),
            Did("play"),
            *[Did("rate_up")] * 3,
            Did("branch"),
            Pressed(("2",)),
            Did("play"),
            lambda app: differing(app) is not None,
            at(500),
            Did("play"),
            caught_up("branch"),
            Shot("race", SIZE),
        ),
    ),
    "life": Take(
        lesson("past-tense"),
        (
            at(1200),
            Did("more"),
            Did("teach_after"),
            typed("many"),
            after(60),
            Did("play"),
            Shot("life-forgetting-80x24", SIZE),
            Did("rehearse"),
            Did("rehearse"),
            Did("play"),
            after(160),
            Did("play"),
            Shot("life-rehearsal-80x24", SIZE),
        ),
    ),
    "valley": Take(
        lesson("valley", is_read=True),
        (
            at(390),
            Did("play"),
            Did("more"),
            Shot("reading-80x24", SIZE),
            Did("more"),
            Did("teach_after"),
            typed("questions"),
            after(100),
            Did("branch"),
            Pressed(("1",)),
            after(156),
            Did("play"),
            caught_up("branch"),
            Shot("race-read-80x24", SIZE),
        ),
    ),
    "reward": Take(
        lesson("few-sorted"),
        (
            at(300),
            Did("reward_deck"),
            typed("sort-these"),
            after(120),
            Did("play"),
            Did("step"),
            Did("more"),
            Shot("reward-80x24", SIZE),
        ),
    ),
    "reward-hole": Take(
        lesson("few-sorted"),
        (
            at(300),
            Did("reward_deck"),
            typed("sort-hole"),
            after(90),
            Did("play"),
            Did("step"),
            Did("more"),
            Shot("reward-hole-80x24", SIZE),
        ),
    ),
}
