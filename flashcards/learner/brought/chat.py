"""A model's chat template, written around what is asked: a text with `{prompt}` in it, as others.

A template is a program in Jinja that came with a model. It runs once, in a process of its own with
limits (`python -m flashcards.learner.brought.chat`), and there in Jinja's sandbox: whatever it
holds, what comes back is a text, or nothing. `apply_chat_template` of transformers would render it
in this process, where a template that never ends or fills the memory ends the lesson.
"""

import json
import subprocess
import sys
from datetime import datetime

import msgspec

from flashcards.base.persons_program import limit
from flashcards.base.system import python
from flashcards.cards.card import MAX_ASK_CHARACTERS, PLACE
from flashcards.cards.printable import printable
from flashcards.learner.brought.model_folder import PretrainedError

PATIENCE_S, CPU_S = 20.0, 2
MEMORY_BYTES = 1 << 30
STAND_IN = "\ue000prompt\ue000"  # in place of the prompt; no template has it


def in_chat(template: str, ask: str) -> str:
    """The text that a model reads where `ask`, with the prompt in it, is what a person says to it.
    Raises PretrainedError: the template fails, takes too long or says it otherwise than once."""
    message = ask.replace(PLACE, STAND_IN)
    try:
        ended = subprocess.run(
            python("-m", __name__),
            input=msgspec.json.encode((template, message)),
            capture_output=True,
            timeout=PATIENCE_S,
        )
    except subprocess.TimeoutExpired:
        raise PretrainedError("the model's chat template takes too long") from None
    text = ended.stdout.decode("utf-8", "replace")
    if ended.returncode or text.count(STAND_IN) != 1:
        lines = ended.stderr.decode("utf-8", "replace").strip().splitlines()
        why = printable(lines[-1]) if lines else "it does not say a message once"
        why = "it takes too long" if ended.returncode < 0 else why
        raise PretrainedError(f"the model's chat template can't be used: {why}")
    if PLACE in text:
        raise PretrainedError(f"the model's chat template can't be used: it holds {PLACE} itself")
    return text.replace(STAND_IN, PLACE)


def _raise(text: str) -> None:
    raise ValueError(text)


def main() -> None:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    limit(CPU=(CPU_S, CPU_S), AS=(MEMORY_BYTES, MEMORY_BYTES), FSIZE=(0, 0), CORE=(0, 0))
    template, message = msgspec.json.decode(sys.stdin.buffer.read(), type=tuple[str, str])
    sandbox = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    # what transformers gives a template beside the messages (utils/chat_template_utils.py)
    sandbox.filters["tojson"] = lambda value, **named: json.dumps(value, ensure_ascii=False)
    sandbox.globals["strftime_now"] = lambda form: datetime.now().strftime(form)
    text = sandbox.from_string(template).render(
        messages=[{"role": "user", "content": message}],
        add_generation_prompt=True,
        bos_token="",  # the tokenizer begins every text with it, where the model wants that
        eos_token="",
        raise_exception=_raise,
    )
    if len(text) > MAX_ASK_CHARACTERS:
        raise ValueError(f"it writes more than {MAX_ASK_CHARACTERS:,} characters")
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))


if __name__ == "__main__":
    main()
