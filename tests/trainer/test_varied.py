"""A model asked with options: answers drawn at a temperature, numbers rounded, attention left out;
nothing changes."""

from pathlib import Path

import pytest
import torch

from flashcards import Run
from flashcards.base.errors import UserError
from flashcards.cli import main
from flashcards.runs import commands as cmd, events as ev
from flashcards.runs.values import AskOptions, Score
from flashcards.talks.claims import scores_of_varied
from flashcards.trainer.again.verifying import verify
from flashcards.trainer.opening import open_learner
from flashcards.trainer.questions.varied import as_asked
from tests.decks import write_capitals
from tests.export.runs import a_run
from tests.golden import check_words
from tests.trainer.lessons import run_lesson


@pytest.fixture(scope="module")
def run() -> Run:
    return Run.open(a_run("char"))


def test_an_exam_without_options_counts_the_likeliest_answers(run: Run) -> None:
    taken = run.exam()
    cards = open_learner(run.path).deck.cards
    for is_never_seen, score in ((False, taken.seen), (True, taken.unseen)):
        side = [card for card in cards if card.is_never_seen == is_never_seen]
        replies = run.ask_each([card.prompt for card in side])
        assert score == Score(sum(bool(reply.is_right) for reply in replies), len(side))
    assert taken.covered == taken.unseen
    assert sum(group.n for group in taken.sureness) == taken.unseen.total
    assert sum(group.right for group in taken.sureness) == taken.unseen.right
    scores = scores_of_varied(taken)
    assert scores["expected"].total == taken.unseen.total


@pytest.mark.slow
def test_a_prompt_comes_back_in_the_pieces_that_the_model_reads(run: Run) -> None:
    in_pieces = Run.open(a_run("bpe")).ask("France").prompt_pieces
    assert "".join(in_pieces).strip() == "France"
    assert max(map(len, in_pieces)) > 1
    assert run.ask("France").prompt_pieces == ()  # letter by letter, as everybody expects


def test_what_is_rounded_is_a_copy_with_few_sizes_in_each_row(run: Run) -> None:
    training = open_learner(run.path)
    before = training.learner.weights_sha256()
    rounded = as_asked(training, AskOptions(bits=3)).learner.averaged
    for matrix in (rounded.attention, rounded.mlp, rounded.embedding, rounded.head):
        assert all(len(row.unique()) <= 7 for row in matrix.flatten(0, -2))
        assert any(len(row.unique()) == 7 for row in matrix.flatten(0, -2))
    assert rounded.final_norm.equal(training.learner.averaged.final_norm)
    assert training.learner.weights_sha256() == before
    assert as_asked(training, AskOptions(n_answers=2, temperature=1)) is training


def test_rounded_to_many_bits_it_answers_as_before_and_to_few_it_does_not(run: Run) -> None:
    whole, many, few = run.exam(), run.exam(bits=16), run.exam(bits=2)
    assert abs(many.seen.right - whole.seen.right) <= 1
    assert few.seen.right < whole.seen.right / 2


@pytest.mark.slow
def test_without_attention_nothing_of_the_prompt_reaches_the_answer(run: Run) -> None:
    """The answer begins after the sign that ends every prompt, and then sees but its last piece."""
    prompts = [card.prompt for card in open_learner(run.path).deck.cards[:12]]
    assert len({run.ask(prompt).answer for prompt in prompts}) > 1
    without = [run.ask(prompt, without="attention") for prompt in prompts]
    assert len({reply.answer for reply in without}) == 1
    # how many places are padded may change the last digits
    assert [reply.probability for reply in without] == pytest.approx([without[0].probability] * 12)
    assert run.exam(without="attention").seen.right < run.exam().seen.right / 2
    layers = ",".join(str(layer) for layer in range(1, run_layers(run) + 1))
    assert run.ask(prompts[0], without=layers).answer == without[0].answer


def run_layers(run: Run) -> int:
    return open_learner(run.path).learner.settings.n_layers


@pytest.mark.parametrize("head", [1, 2])
def test_a_head_that_is_left_out_may_look_anywhere_and_another_one_may_not(
    run: Run, head: int
) -> None:
    asked = as_asked(open_learner(run.path), AskOptions(without=f"2.{head}")).learner
    probabilities = [asked.answer("France").probability]
    n_heads, width = asked.settings.n_heads, asked.settings.width
    queries_keys_values = asked.averaged.attention[1, :3].view(3, n_heads, -1, width)
    generator = torch.Generator().manual_seed(head)
    for disturbed in (head, 3 - head):
        shape = queries_keys_values[:, disturbed - 1].shape
        queries_keys_values[:, disturbed - 1] = torch.randn(shape, generator=generator)
        probabilities.append(asked.answer("France").probability)
    assert probabilities[0] == probabilities[1] != probabilities[2]


def test_drawn_answers_are_counted_and_come_again(run: Run) -> None:
    hot = run.ask("France", n=40, temperature=3)
    assert hot == run.ask("France", n=40, temperature=3)
    assert sum(count.n for count in hot.spread) == 40
    assert len(hot.spread) > 5
    assert [count.n for count in hot.spread] == sorted((c.n for c in hot.spread), reverse=True)
    assert hot.answer == hot.spread[0].text
    assert hot.probability == hot.spread[0].n / 40
    cold = run.ask("France", n=8, temperature=0.01)
    assert [count.n for count in cold.spread] == [8]
    assert cold.answer == run.ask("France").answer


def test_one_of_several_answers_is_right_at_least_as_often_as_the_most_frequent(run: Run) -> None:
    taken = run.exam(n=8, temperature=1.5)
    assert taken.options == AskOptions(n_answers=8, temperature=1.5)
    assert taken.covered.right >= taken.unseen.right
    sure_of = [8 * group.expected for group in taken.sureness]  # a share is so many of eight
    assert sure_of == [round(eighths) for eighths in sure_of]
    assert run.exam(n=8).options.temperature == 1


OUT_OF_RANGE: list[dict[str, float | str]] = [
    {"n": 65},
    {"n": 8, "temperature": 0},
    {"temperature": 11},
    {"temperature": float("nan")},
    {"bits": 1},
    {"without": "eyes"},
    {"without": "2,"},
    {"without": "0.1"},
    {"without": "3"},
    {"without": "1.5"},
]


def test_an_option_out_of_its_range_is_named(run: Run) -> None:
    said = []
    for options in OUT_OF_RANGE:
        with pytest.raises(UserError) as caught:
            run.exam(**options)  # type: ignore[arg-type]
        said.append(f"{options} → {caught.value}")
    check_words("exam: options out of range", "\n".join(said))


def test_a_lesson_is_examined_and_asked_and_verify_finds_the_same(tmp_path: Path) -> None:
    options = AskOptions(n_answers=4, temperature=1.0, bits=4, without="1.2")
    opened, watched = run_lesson(
        write_capitals(tmp_path),
        script=[
            (8, cmd.TakeExam(request=3, options=options)),
            (8, cmd.Ask(request=4, prompt="France", options=options)),
            (8, cmd.Stop()),
        ],
    )
    (taken,) = watched.of(ev.ExamVaried)
    assert (taken.step, taken.request, taken.options) == (8, 3, options)
    (answered,) = watched.of(ev.PromptAnswered)
    assert sum(count.n for count in answered.spread) == 4
    verification = verify(opened.keeper.folder.path)
    assert verification.differences == ()
    assert verification.is_same


def test_the_command_line_examines_a_run(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["exam", str(run.path), "--n", "4"]) == 0
    lines = capsys.readouterr().out.splitlines()
    taken = run.exam(n=4)
    assert lines[0] == f"taught: {taken.seen.right} of {taken.seen.total} right"
    check_words("exam: covered", lines[2].partition(": ")[0])
    check_words("exam: how sure", lines[4].partition(":")[0])
    heads = ["--without", "1.2"]
    assert main(["ask", str(run.path), "France", "--n", "3", "--bits", "2", *heads]) == 0
    assert " × " in capsys.readouterr().out
    assert main(["ask", str(run.path), "France", "--n", "99"]) == 1
    check_words("ask: too many answers", capsys.readouterr().err)
    assert main(["ask", str(run.path), "France", "--past", "--bits", "2"]) == 2
    assert main(["ask", str(run.path), "--deck", "capitals", *heads]) == 2
