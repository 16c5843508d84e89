"""`flashcards exam`: a saved run's model examined once more, with options if any are wanted."""

import msgspec

from flashcards.base.errors import UserError
from flashcards.runs import catalog, commands, events, values, verdict
from flashcards.terminal.output import print_json, print_line
from flashcards.terminal.progress import opening_run
from flashcards.trainer.again.traveller import learner_at
from flashcards.trainer.questions.varied import take_exam
from flashcards.wording import facts


def exam(
    name: str, runs: str | None, at: int | None, options: values.AskOptions, *, is_json: bool
) -> int:
    """Print the scores of a saved run's model as it was at step `at`, asked with these options.
    Raises UserError: there is no such run or step, or it is no model that answers cards."""
    path = catalog.find_run(catalog.runs_root(runs), name)
    with opening_run() as on_step:
        training = learner_at(path, at, on_step)
    if why := training.deck.why_not("exam", training.deck.name):
        raise UserError(why)
    taken = take_exam(commands.TakeExam(options=options), training)
    if at is not None and taken.step != at:
        print_line(facts.last_step(at, taken.step), is_error=True)
    if is_json:
        report = msgspec.to_builtins(taken)
        print_json({key: value for key, value in report.items() if key not in ("kind", "request")})
        return 0
    for line in lines_of(taken):
        print_line(line)
    return 0


def lines_of(taken: events.ExamVaried) -> list[str]:
    """The scores, then how often it was right when it was about so sure."""
    sides = [("taught", taken.seen), ("never taught", taken.unseen)]
    if taken.options.n_answers > 1:
        n = taken.options.n_answers
        sides.append((f"never taught, one of {n} answers right", taken.covered))
    lines = [
        f"{name}: {score.right:,} of {score.total:,} right" for name, score in sides if score.total
    ]
    if not taken.unseen.total:
        return lines
    lines += ["", f"{'how sure (never taught)':<24}{'cards':>7}{'right':>8}"]
    width = 100 // len(taken.sureness)
    for place, group in enumerate(taken.sureness):
        if group.n:
            sure = f"{place * width} to {(place + 1) * width} %"
            share = verdict.percent(group.right / group.n)
            lines.append(f"{sure:<24}{group.n:>7,}{share:>8}")
    return lines
