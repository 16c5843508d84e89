"""A cue of a talk in the words of whoever gives it, for their remote."""

from pathlib import Path

from flashcards.base.language import tr
from flashcards.talks import talk
from flashcards.talks.talk import AnyDirective, Cue


def in_words(cue: Cue) -> str:
    """Name a slide by its title, and directives by what the class will see of them."""
    seen = " · ".join(filter(None, map(_in_words, cue.directives)))
    return seen or cue.outline


def _in_words(directive: AnyDirective) -> str:
    """Say what the class sees; "" for what only changes how it is shown."""
    match directive:
        case talk.Teach(deck=deck):
            return tr("it learns {deck}", deck=Path(deck).stem)
        case talk.GoOn():
            return tr("the lesson goes on")
        case talk.StepPhases():
            return tr("one card, phase by phase")
        case talk.AskModel(prompt=prompt):
            return tr("question to the model: {prompt}", prompt=prompt)
        case talk.ExamWithOptions():
            return tr("one more exam")
        case talk.Voting():
            return tr("the class chooses an answer")
        case talk.Guessing():
            return tr("humans against the model")
        case talk.Predict():
            return tr("question to all")
        case talk.HandOver():
            return tr("the keyboard is yours")
        case _:
            return ""
