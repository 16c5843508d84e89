"""View 1 where rewards teach: eight tries at a prompt, both curves, reward beside the truth."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace
from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Container

from flashcards.app.room import StatusLine
from flashcards.app.view import TALL, WIDE, KeyedView, hidden
from flashcards.app.widgets.bars import ScoreBars, scores_of
from flashcards.app.widgets.card_face import CardFace, CardView
from flashcards.app.widgets.cells import Part, Row, Sheet, cut, padded, spread, wrap
from flashcards.app.widgets.charts import Curve, ShareChart, SharesView, since_chapter
from flashcards.app.widgets.frame import TitleLine, VerdictView
from flashcards.base.language import format_number, tr
from flashcards.runs import events, reward_state, values, verdict
from flashcards.runs.rewards import Exploit, JudgeFacts, RewardCounts, Try, TryGroup
from flashcards.runs.state import RunState
from flashcards.wording import lesson, rewards
from flashcards.wording.pieces import visible

SAID, EARNED = 18, 10  # columns of a try, and of what it earned


class Tries(Struct, frozen=True):
    """The tries of an update at one prompt; `place` is the try that is looked into. `taught`: the
    card of an update with answers, where those teach. `rule`: what is rewarded. `is_judged`: it is
    also said which are right."""

    group: TryGroup | None = None
    counts: RewardCounts | None = None
    place: int | None = None
    taught: values.Correction | None = None
    rule: str = ""
    is_judged: bool = True


class TriesSheet(Sheet[Tries]):
    def draw(self, view: Tries, width: int, height: int) -> list[Row]:
        group = view.group
        if view.taught is not None:
            return _taught(view.taught, width)
        if group is None:
            return [[(tr("the first tries are coming"), ".muted")]]
        if view.place is not None:
            return _deep(view, group, group.tries[view.place], width)
        n_tries = sum(attempt.n_same for attempt in group.tries)
        text = padded(tr("It tries {n} times", n=n_tries), SAID + 5) + padded(tr("reward"), EARNED)
        text += f"{padded(tr('right'), 9) if view.is_judged else ''}{tr('becomes')}"
        rule: Row = [(f"{tr('rewarded:')} ", ".title"), (view.rule, ".strong")]
        tries = [_try(attempt, is_judged=view.is_judged) for attempt in group.tries]
        rows = [rule, [(cut(text, width), ".muted")], *tries]
        if height > len(rows) + 1 and not any(attempt.advantage for attempt in group.tries):
            rows += [[], [(tr("All earned the same: this card teaches nothing."), ".muted")]]
        return rows


def _try(attempt: Try, *, is_judged: bool) -> Row:
    text = visible(attempt.text) + ("…" if attempt.is_cut else "")
    same = f"×{attempt.n_same}" if attempt.n_same > 1 else ""
    becomes: Part = (tr("as it was"), ".muted")
    if attempt.advantage:
        is_more = attempt.advantage > 0
        becomes = (tr("▲ likelier"), ".right") if is_more else (tr("▼ rarer"), ".wrong")
    return [
        (padded(text or "∅", SAID), ".strong" if attempt.is_right else ".wrong"),
        (f"{same:>3}  ", ".muted"),
        *_sign(reward_of(attempt.reward), EARNED, is_good=attempt.reward >= 0.5),
        *(
            _sign("✓" if attempt.is_right else "✗", 9, is_good=attempt.is_right)
            if is_judged
            else ()
        ),
        becomes,
    ]


def _sign(text: str, width: int, *, is_good: bool) -> Row:
    return [(padded(f" {text}", width), ".right" if is_good else ".wrong")]


def reward_of(reward: float) -> str:
    if reward == 1.0:
        return "✓"
    return "✗" if reward == 0.0 else decimal(reward)


def decimal(value: float) -> str:
    return format_number(round(value, 2), "g")


def signed(value: float) -> str:
    return "0" if value == 0 else ("+" if value > 0 else "−") + decimal(abs(value))


def arrow(before: float, after: float) -> Part:
    """Up or down, as a piece was pushed."""
    if after == before:
        return "·", ".muted"
    return ("↑", ".right") if after > before else ("↓", ".wrong")


Pushed = tuple[str, float, float]  # a piece, and its probability before and after the update


def _pieces(pieces: Sequence[Pushed], width: int) -> list[Row]:
    texts: Row = [(padded(tr("piece"), 9), ".muted")]
    befores: Row = [(padded(tr("before"), 9), ".muted")]
    afters: Row = [(padded(tr("after"), 9), ".muted")]
    for text, before, after in pieces[: max(1, (width - 9) // 7)]:
        sign, style = arrow(before, after)
        texts.append((f"{cut(visible(text), 4):>6} ", ".strong"))
        befores.append((f"{verdict.percent(before):>6} ", ".muted"))
        afters.append((f"{sign}{verdict.percent(after):>5} ", style))
    return [texts, befores, afters]


def _deep(view: Tries, group: TryGroup, chosen: Try, width: int) -> list[Row]:
    n_tries = sum(attempt.n_same for attempt in group.tries)
    place = tr("↑↓ try {i} of {n}", i=(view.place or 0) + 1, n=len(group.tries))
    head = spread([(visible(chosen.text) or "∅", ".strong")], [(place, ".muted")], width)
    style = ".right" if chosen.advantage > 0 else ".wrong" if chosen.advantage else ".muted"
    sentence = "= reward {reward} − {mean}, mean of {n} tries"
    how = tr(sentence, reward=decimal(chosen.reward), mean=decimal(group.mean_reward), n=n_tries)
    advantage: Row = [
        (f"{tr('advantage')} ", ".title"),
        (f"{signed(chosen.advantage)} ", style),
        (how, ".muted"),
    ]
    pieces = [(piece.text, piece.before, piece.after) for piece in chosen.pieces]
    if chosen.advantage == 0:
        why = tr("It earned the mean: it is not pushed. Other tries with its pieces push them.")
    elif chosen.advantage > 0:
        why = tr("It earned more than the mean: its pieces are pushed up. Other tries push too.")
    else:
        why = tr("It earned less than the mean: its pieces are pushed down. Other tries push too.")
    counts = view.counts or RewardCounts()
    texts = [*wrap(why, width, 2), *wrap(rewards.told_nothing(counts), width, 2)]
    return [head, advantage, *_pieces(pieces, width), *([(text, "")] for text in texts)]


def _taught(correction: values.Correction, width: int) -> list[Row]:
    guess = values.text_of(correction.guess)
    is_right = correction.mark == "right"
    pieces = [
        (piece.text, piece.before, piece.before if piece.after is None else piece.after)
        for piece in correction.pieces or ()
    ]
    return [
        [
            (f"{tr('it says')} ", ".muted"),
            (visible(guess) or "∅", ".strong"),
            (" ✓" if is_right else " ✗", ".right" if is_right else ".wrong"),
        ],
        [(f"{tr('true')} ", ".muted"), (visible(correction.answer), ".right")],
        [],
        *_pieces(pieces, width),
    ]


class Tally(Struct, frozen=True):
    total: RewardCounts | None = None
    exploits: tuple[Exploit, ...] = ()
    is_shuffled: bool = False


class TallySheet(Sheet[Tally]):
    def draw(self, view: Tally, width: int, height: int) -> list[Row]:
        total = view.total
        if total is None or not total.n_tries or view.is_shuffled:
            return []
        none = "" if total.n_exploits else f" {tr('none so far')}"
        rows: list[Row] = [[(tr("rewarded though wrong:"), ".title"), (none, ".right")]]
        newest = list({e.prompt: e for e in reversed(view.exploits)}.values())
        listed = newest[: max(0, height - len(rows))]
        n_prompt = min(width // 3, max((cell_len(e.prompt) for e in listed), default=0))
        n_guess = min(width // 3, max((cell_len(visible(e.guess)) for e in listed), default=0))
        for exploit in listed:
            guess = padded(visible(exploit.guess), n_guess)
            not_that = tr(" not {answer}", answer=exploit.answer)
            prompt = f"{padded(exploit.prompt, n_prompt)} → "
            rows.append([(prompt, ""), (guess, ".wrong"), (not_that, ".muted")])
        return rows


class RewardView(KeyedView):
    CSS_PATH = "reward.tcss"
    SHOWS_PAST = True
    GOES_ON = True
    BINDINGS = hidden(enter="deepen", down="move(1)", up="move(-1)")
    _place: int | None = None
    _n_tries = 0

    def body(self) -> ComposeResult:
        yield TitleLine()
        with Container(id="tries"):
            yield CardFace()
            yield TriesSheet()
        with Container(id="curves"):
            yield ShareChart()
            yield TallySheet()
        yield ScoreBars()

    def draw(self, state: RunState, sentence: VerdictView, notice: StatusLine) -> VerdictView:
        self.name_keys((tr("enter"), tr("deeper")), back=None)
        reward = state.reward or reward_state.RewardState(JudgeFacts(kind="answers"))
        taught = state.card.now if reward.practice == "taught" else None
        has_loophole = reward.total is not None and reward.total.n_exploits > 0
        question = rewards.question(reward.practice, has_loophole=has_loophole)
        self.query_one(TitleLine).show(([(question, ".strong")], ""))
        self.query_one(CardFace).show(self._card(state, reward.tries, taught))
        shows_truth = has_loophole or self.size.width >= WIDE
        tries, rule = self._tries(reward.tries, taught), rewards.rewarded(reward.judge)
        self.query_one(TriesSheet).show(replace(tries, rule=rule, is_judged=shows_truth))
        truth, style, name = state.exams.unseen_rates, ".unseen", tr("◆ NEVER TAUGHT")
        if not len(truth):
            truth, style, name = state.exams.seen_rates, ".taught", tr("■ TAUGHT")
        curve = Curve(name, since_chapter(state, truth), style, thickness=2)
        lines = curve, Curve(tr("★ REWARD"), since_chapter(state, reward.rewards), ".right")
        chart = SharesView("", lines if shows_truth else lines[:1], begin=tr("rewards begin"))
        self.query_one(ShareChart).show(chart)
        exploits = tuple(exploit for _, exploit in reward.exploits)
        tally = Tally(reward.total, exploits, reward.practice == "shuffled")
        self.query_one(TallySheet).show(tally)
        scores = self.query_one(ScoreBars)
        scores.show(scores_of(state))
        self.set_class(shows_truth, "-truth")
        scores.display = self.size.height >= TALL or bool(state.bets)
        if sentence.tone == "verdict" and state.reward is not None:
            return replace(
                sentence, text=rewards.sentence(state, self.key("with_answers", "c")), lead=""
            )
        return sentence

    def _card(
        self, state: RunState, tries: events.TriesRewarded | None, taught: values.Correction | None
    ) -> CardView:
        if taught is not None:
            return CardView(taught.prompt)
        if tries is None or not tries.groups:
            waiting = lesson.stage(state) if state.start is None else ""
            return CardView(self.deck_of(state), stamp=waiting)
        group = tries.groups[0]
        return CardView(group.prompt, stamp=tr("hidden from it: {answer}", answer=group.answer))

    def _tries(self, tries: events.TriesRewarded | None, taught: values.Correction | None) -> Tries:
        self._n_tries = 0
        if taught is not None:
            return Tries(taught=taught)
        if tries is None or not tries.groups:
            return Tries()
        group = tries.groups[0]
        self._n_tries = len(group.tries)
        if self._place is not None:
            self._place = min(self._place, self._n_tries - 1)
        return Tries(group, tries.counts, self._place)

    # Keys

    def action_deepen(self) -> None:
        self._place = 0 if self._place is None and self._n_tries else None
        self._is_changed = True

    def action_move(self, by: int) -> None:
        if self._place is not None and self._n_tries:
            self._place = (self._place + by) % self._n_tries
            self._is_changed = True
