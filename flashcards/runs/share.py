"""The line that does a run again elsewhere: `flashcards DECK --seed 7 --until seen=1.0`.

Says as well what the line leaves out: what was done by hand is in the log, not in the line.
"""

from collections.abc import Iterable
from pathlib import Path

from flashcards.base.system import shell_quoted
from flashcards.runs import events as ev
from flashcards.runs.state import RunState


def deck_named(deck: str, deck_path: str) -> str:
    """Name the deck for another machine: a shipped deck by its name, another by its file."""
    path = Path(deck_path)
    is_shelf = path.suffix == ".deck" and path.parent.name in ("decks", "shelf", "texts")
    is_named = path.stem == deck and is_shelf
    return deck if is_named else path.name or deck


def line_again(
    start: ev.RunStarted, state: RunState, happened: Iterable[ev.AnyEvent]
) -> tuple[str, int]:
    """The command that repeats this run, or its last chapter, up to where it stands; and how often
    somebody changed by hand what was taught. `happened`: the log's events of `STEERING`, or all."""
    facts = _LogFacts()
    for event in happened:
        facts.take(event)
    if state.life.earlier and facts.before:
        n_steps = state.step - state.life.since_step
        line = _chapter_line(start, facts.before, n_steps, facts.recipe)
    else:
        line = share_line(start, state.ended, state.step, facts.opening_speed, facts.recipe)
    return line, facts.n_steered


def share_line(
    start: ev.RunStarted,
    ended: ev.LessonEnded | None,
    step: int,
    speed: str = "",
    recipe: ev.RecipeChanged | None = None,
) -> str:
    """The command that teaches the same deck with the same seed up to the same place.
    `step`: where the run stands now; used when the lesson has no end of its own.
    `speed`: the one it began with, "" for the opening that the screen gives.
    `recipe`: how its first updates were made; None is as usual."""
    if start.judge is not None:
        chosen = [*_ask_option(start), *_chosen(start, recipe)]
        return " ".join([_rewarded(start), "--seed", str(start.seed), *chosen, f"--steps {step}"])
    is_ordered = recipe is not None and recipe.order != "shuffled"
    is_read = start.text is not None and speed in ("", "full") and not start.chosen
    command = "train" if start.is_shuffled or is_ordered else "read" if is_read else ""
    words = ["flashcards", *([command] if command else [])]
    words += [shell_quoted(deck_named(start.deck, start.deck_path)), "--seed", str(start.seed)]
    if start.is_shuffled:
        words.append("--shuffled")
    if speed and not is_read:
        words += ["--speed", speed]
    words += settings_chosen(start) + _ask_option(start) + _chosen(start, recipe)
    is_all_seen = (
        ended is not None
        and ended.reason == "all_right"
        and ended.unseen.total == 0
        and ended.seen.total > 0
    )
    if is_all_seen:
        words += ["--until", "seen=1.0"]
    else:
        words += ["--steps", str(step)] if command == "train" else ["--until", f"step={step}"]
    return " ".join(words)


def settings_chosen(start: ev.RunStarted) -> list[str]:
    """The options that choose the settings of the run's model as its first ones did."""
    words: list[str] = []
    for name, value in start.chosen.items():
        if name == "size":
            words += ["--size", shell_quoted(str(value))]
        else:
            words += ["--set", shell_quoted(f"{name}={value}")]
    return words


def _chapter_line(
    start: ev.RunStarted, parent: str, n_steps: int, recipe: ev.RecipeChanged | None = None
) -> str:
    """The command that repeats a later chapter, for whoever has the run before it."""
    deck = shell_quoted(deck_named(start.deck, start.deck_path))
    command = _rewarded(start) if start.judge is not None else f"flashcards train {deck}"
    words = [command, "--after", shell_quoted(parent)]
    if recipe is not None and recipe.seed != start.seed:
        words += ["--seed", str(recipe.seed)]
    return " ".join([*words, *_ask_option(start), *_chosen(start, recipe), "--steps", str(n_steps)])


def _ask_option(start: ev.RunStarted) -> list[str]:
    return ["--ask", shell_quoted(start.ask)] if start.ask else []


def _chosen(start: ev.RunStarted, recipe: ev.RecipeChanged | None) -> list[str]:
    words: list[str] = []
    if recipe is None:
        return words
    if recipe.order != "shuffled" and start.judge is None:
        words += ["--order", recipe.order]
    if recipe.rehearsal:
        words += ["--rehearse", f"{recipe.rehearsal:g}"]
    if recipe.learns != "all":
        words += ["--only", recipe.learns.replace("_", "-")]
    if start.judge is not None and recipe.practice != "rewarded":
        words += ["--practice", recipe.practice]
    return words


def _rewarded(start: ev.RunStarted) -> str:
    assert start.judge is not None
    deck = shell_quoted(deck_named(start.deck, start.deck_path))
    return f"flashcards reward {deck} --judge {shell_quoted(start.judge.text or start.judge.kind)}"


class _LogFacts:
    """Facts of the log about the command that repeats its run, or its last chapter.
    `before`: the run that the last chapter began after, "" where there is none.
    `recipe`: how the first updates were made; None before any.
    `n_steered`: how often somebody changed by hand what was taught: speed, rate, order, single
    cards, the deck. Changes of speed that belong to the opening are not counted."""

    def __init__(self) -> None:
        self.before = self._parent = ""
        self.recipe: ev.RecipeChanged | None = None
        self.n_steered = self._began = 0
        self._speeds: list[tuple[int, str]] = []

    @property
    def opening_speed(self) -> str:
        """The speed that the run was begun with; "" when it opened slowly, as the screen does."""
        if not self._speeds or self._speeds[0][0] > 0:
            return "full"
        is_opening = self._speeds[1:2] == [(OPENING_SLOW_STEP, "slow")]
        return "" if is_opening else self._speeds[0][1]

    def take(self, event: ev.AnyEvent) -> None:
        match event:
            case ev.ChapterBegan():  # its line names the run before it: what was done there is told
                self.before = self._parent
                self.recipe = None
                self.n_steered = 0
                self._began = event.step
            case ev.RecipeChanged():
                self.recipe = self.recipe or event
            case ev.RunBranched(parent=parent, change=change):
                self._parent = parent
                what = change.learning_rate_factor, change.seed, change.order
                self.n_steered += what != (None, None, None)
            case ev.LearningRateChanged() | ev.StepsAsked() | ev.DeckChanged() | ev.VoteCast():
                self.n_steered += 1
            case ev.OrderChanged() | ev.RemedyChanged() | ev.PracticeChanged():
                self.n_steered += event.step > self._began  # at its beginning it is in the line
            case ev.SpeedChanged():
                self._speeds.append((event.step, event.speed))
                n_later = sum(step > 0 for step, _ in self._speeds)
                is_late = event.step > OPENING_STEPS or n_later > OPENING_SPEEDS
                self.n_steered += event.step > 0 and is_late


STEERING = (
    ev.ChapterBegan,
    ev.DeckChanged,
    ev.LearningRateChanged,
    ev.OrderChanged,
    ev.PracticeChanged,
    ev.RecipeChanged,
    ev.RemedyChanged,
    ev.RunBranched,
    ev.SpeedChanged,
    ev.StepsAsked,
    ev.VoteCast,
)
"""The events that decide the line, and what it leaves out."""

OPENING_SLOW_STEP = 2
OPENING_STEPS = 15
OPENING_SPEEDS = 3
"""The opening (`trainer.training_state.OPENING`): slow from this step on, over after so many steps
and changes of speed."""
