"""The deck, or the text, that one of two models learned before the cards both are taught."""

from dataclasses import dataclass

from flashcards.base.language import tr


@dataclass(frozen=True, slots=True)
class Before:
    """A deck that one of the two was taught before; the other one is new."""

    name: str

    def models(self) -> tuple[str, str]:
        return tr("taught before"), tr("new")

    def title(self, learned: str = "") -> str:
        """Say what the two differ in; `learned` names the one that learned something before."""
        text = "The same cards for both; only {one} was taught {deck} before."
        return tr(text, one=learned or tr("one"), deck=self.name)

    def question(self) -> str:
        return tr("Does it help to have been taught {name} before?", name=self.name)

    def with_it(self) -> str:
        return tr("with {deck} first", deck=self.name)

    def newcomer(self) -> str:
        return tr("a model that was taught nothing before")

    def offer(self, branch: str) -> str:
        """Offer the comparison, where it is worth it without being asked for; `branch` is a key."""
        return ""


class TextBefore(Before):
    """A text that one of the two has read before."""

    __slots__ = ()

    def models(self) -> tuple[str, str]:
        return tr("has read"), tr("has not read")

    def title(self, learned: str = "") -> str:
        text = "The same cards for both; only {one} read {deck} before."
        return tr(text, one=learned or tr("one"), deck=self.name)

    def question(self) -> str:
        return tr("Does it help to have read a text before ({name})?", name=self.name)

    def with_it(self) -> str:
        return tr("with reading")

    def newcomer(self) -> str:
        return tr("a model that has not read")

    def offer(self, branch: str) -> str:
        text = "{branch} to begin a model that has not read, to compare."
        return tr(text, branch=branch)


def learned_before(name: str, *, is_text: bool) -> Before:
    return TextBefore(name) if is_text else Before(name)
