"""How a model is asked: a template around each prompt, like "The capital of {prompt} is"."""

from __future__ import annotations

PLACE = "{prompt}"
WANTED = f'a text with {PLACE} in it once and no other braces, like "The capital of {PLACE} is"'


def is_template(text: str) -> bool:
    before, place, after = text.partition(PLACE)
    return bool(place) and not {"{", "}"} & {*before, *after}


def filled(ask: str, prompt: str) -> str:
    """What the model reads for this prompt: the prompt itself without a template."""
    return ask.replace(PLACE, prompt, 1) if ask else prompt
