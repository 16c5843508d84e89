"""`flashcards scaling`: prints what is measured as it comes, and draws it."""

import sys
from collections.abc import Iterable
from pathlib import Path

from flashcards.base.columns import wrapped
from flashcards.cards.shelf import find, load
from flashcards.charts import scaling_chart as chart
from flashcards.charts.curves import save
from flashcards.learner.settings import pick_device
from flashcards.runs.run_files import json_line
from flashcards.runs.scaling import AnyScalingFact, ScalingPoint, ScalingStarted, ScalingWent
from flashcards.terminal.output import print_json
from flashcards.terminal.progress import progress
from flashcards.trainer.scaling.measuring import scale

BAR_WIDTH = 26  # a row has room in 80 columns


def report(
    name: str,
    *,
    seed: int,
    n_steps: int,
    shares: tuple[float, ...],
    device: str,
    form: str,
    target: Path | None,
    is_diverse: bool,
) -> int:
    """Measure, print as `form` says (text, json, lines), and draw into `target`; 0.
    Raises UserError: the deck can't be measured, or the picture can't be written."""
    deck, _ = load(find(name))
    measured = scale(
        deck,
        seed=seed,
        n_steps=n_steps,
        shares=shares,
        device=pick_device(device),
        is_diverse=is_diverse,
    )
    start, points = _print(measured, form)
    if form == "json":
        print_json(_object(start, points))
    if target is not None:
        option = " --diverse" if is_diverse else ""
        source = f"drawn by flashcards scaling {deck.slug}{option} --seed {seed} --steps {n_steps}"
        save(chart.picture(start, points, source), target)
    return 0


def _print(
    measured: Iterable[AnyScalingFact], form: str
) -> tuple[ScalingStarted, list[ScalingPoint]]:
    start: ScalingStarted | None = None
    points: list[ScalingPoint] = []
    with progress("waking the model") as display:
        for fact in measured:
            if form == "lines":
                sys.stdout.buffer.write(json_line(fact))
                sys.stdout.buffer.flush()
            match fact:
                case ScalingStarted():
                    start = fact
                    with display.hidden():
                        heading = f"{fact.name}, seed {fact.seed}. {chart.what_is_done(fact)}"
                        _say(form, "\n".join((*wrapped(heading), "", chart.head(fact))))
                case ScalingWent() if start is not None:
                    done = len(points) * start.n_steps + fact.step
                    total = len(start.rows) * start.n_seeds * start.n_steps
                    part = fact.draw or f"{chart.share(fact.share)} of the"
                    what = f"{part} cards, step {fact.step:,}"
                    display.at(done, total, what)
                case ScalingPoint() if start is not None:
                    points.append(fact)
                    if len(points) % start.n_seeds == 0:
                        with display.hidden():
                            _say(form, chart.row(start.measured(points)[-1], BAR_WIDTH))
    assert start is not None
    if start.alike is not None:
        _say(form, "\n".join(("", *wrapped(chart.conclusion(start, points)))))
    return start, points


def _say(form: str, text: str) -> None:
    if form == "text":
        print(text, flush=True)


def _object(start: ScalingStarted, points: list[ScalingPoint]) -> dict[str, object]:
    return {
        "deck": start.deck,
        "seed": start.seed,
        "steps": start.n_steps,
        "batch_size": start.batch_size,
        "cards": start.n_taught,
        "held_out": start.n_held_out,
        "parameters": start.n_parameters,
        "points": [
            {
                "share": point.share,
                **({"draw": point.draw} if point.draw else {}),
                "cards": point.n_cards,
                "seen": {"right": point.seen.right, "total": point.seen.total},
                "unseen": {"right": point.unseen.right, "total": point.unseen.total},
                "interval": [round(end, 6) for end in point.interval],
            }
            for point in points
        ],
    }
