"""A model's chat template around what is asked: a program of a stranger, which may do nothing."""

import shutil
from pathlib import Path

import pytest

from flashcards.cards.card import MAX_ASK_CHARACTERS
from flashcards.cards.printable import printable
from flashcards.cli import main
from flashcards.learner.brought.chat import in_chat
from flashcards.learner.brought.model_folder import PretrainedError
from flashcards.runs.folder import RunFolder
from flashcards.trainer.opening import open_learner
from tests.pretrained.tiny import ASK, a_model

TEMPLATE = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] + '\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|answer|>\\n' }}{% endif %}"
)
CHATTED = "<|user|>The capital of {prompt} is\n<|answer|>\n"

LOOP = "{% for a in range(99999) %}" * 3 + "{% endfor %}" * 3
ENDLESS = "takes too long"
HOSTILE = {
    "SecurityError": "{{ messages.__class__.__mro__[1].__subclasses__() }}",
    ENDLESS: LOOP,
    "MemoryError": "{{ 'x' * 99999999999 }}",
    "more than 20,000 characters": "{{ messages[0].content }}{{ 'x' * 20001 }}",
    "does not say a message once": "{{ messages[0].content }}{{ messages[0].content }}",
    "only two can talk": "{{ raise_exception('only two can talk') }}",
    "unexpected": "{% if",
    "holds {prompt} itself": "{{ messages[0].content }} {{ '{prompt}' }}",
}


def test_the_template_is_written_around_what_is_asked() -> None:
    assert in_chat(TEMPLATE, ASK) == CHATTED
    dated = "{{ strftime_now('%Y') | int > 2000 }} {{ ['ü'] | tojson }} {{ messages[0].content }}"
    assert in_chat(dated, ASK) == f'True ["ü"] {ASK}'
    assert MAX_ASK_CHARACTERS == 20_000


@pytest.mark.parametrize(
    "why",
    [*(why for why in HOSTILE if why != ENDLESS), pytest.param(ENDLESS, marks=pytest.mark.slow)],
)
def test_a_hostile_template_runs_no_code_and_ends_soon(why: str) -> None:
    with pytest.raises(PretrainedError, match=f"chat template .*{why}"):
        in_chat(HOSTILE[why], ASK)


@pytest.mark.slow
def test_a_lesson_in_chat_says_what_is_read_and_one_without_does_not(tmp_path: Path) -> None:
    deck, model = tmp_path / "towns.deck", tmp_path / "model"
    deck.write_text(f'+++\nask = "{ASK}"\n+++\nFrance :: Paris\nItaly :: Rome\n', encoding="utf-8")
    shutil.copytree(a_model("qwen3"), model)
    asks = []
    for name in ("without", "with"):
        if name == "with":
            (model / "chat_template.jinja").write_text(TEMPLATE, encoding="utf-8")
        root = tmp_path / name
        command = ["train", str(deck), "--model", str(model), "--ask", "chat", "--steps", "2"]
        assert main([*command, "--runs", str(root)]) in (0, 3)
        (run,) = root.iterdir()
        asks.append(RunFolder.open(run).info.asks)
    assert asks == [(ASK,), (CHATTED,)]
    learner = open_learner(run).learner
    read = learner.encoding.sequence(0)
    whole = CHATTED.replace("{prompt}", "France") + "Paris"
    assert learner.tokenizer.text(read) == printable(whole)
    assert main(["verify", str(run)]) == 0
