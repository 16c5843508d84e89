"""The model beside the one that is taught: a twin that is taught shuffled answers."""

from pathlib import Path

from flashcards.app.run.follower import Follower
from flashcards.app.session import Session
from flashcards.base.language import capital, tr
from flashcards.runs import catalog, commands, events
from flashcards.runs.folder import RunFolder
from flashcards.trainer.request import LessonRequest

TWIN = "twin"
FOLDER = "twin"
"""Its runs are in here, in the main run's folder: counted and deleted with it, listed nowhere."""


class Twin(Follower):
    """One twin of one lesson. It goes on with an earlier one, if the deck is the same still."""

    _sent_factor = 1.0

    def _follow_more(self) -> None:
        if self.lead.state.learning_rate_factor != self._sent_factor:
            self._sent_factor = self.lead.state.learning_rate_factor
            self._send(commands.SetLearningRate(factor=self._sent_factor))

    def _prepare(self) -> tuple[LessonRequest, list[events.AnyEvent]]:
        start = self.lead.state.start
        assert start is not None
        # The run's own copy: the file the deck came from may have been edited since.
        folder = RunFolder.open(Path(start.folder))
        deck = folder.deck_path()
        base = folder.info.base
        runs = Path(start.folder) / FOLDER
        earlier = _earlier(runs, start.seed, deck.read_bytes())
        request = self._request(
            deck=str(deck),
            seed=start.seed,
            speed="full",
            runs=str(runs),
            resume=None if earlier is None else str(earlier.path),
            is_shuffled=True,
            settings=start.chosen,
            ask=start.ask or None,
            model=None if base is None else base.path,
        )
        return request, [] if earlier is None else earlier.events()


def _earlier(runs: Path, seed: int, deck: bytes) -> RunFolder | None:
    """The newest twin that was taught this deck, if its state can be gone on with."""
    for entry in catalog.list_runs(runs):
        folder = RunFolder(entry.path, entry.info)
        is_same = entry.info.is_shuffled and entry.info.seed == seed
        if is_same and folder.deck_path().read_bytes() == deck:
            return folder if next(folder.states(), None) is not None else None
    return None


def toggle_twin(session: Session) -> None:
    run, start = session.run, session.state.start
    before = run.followers.pop(TWIN, None)
    if before is not None:
        assert isinstance(before, Twin)
        session.singleton(EndedTwin).twin = before
        session.spawn(before.close(), TWIN)
    elif start is None or start.is_shuffled or start.n_taught < 2:
        session.notify(_why_none(start))
    else:
        twin = Twin(run, session.teach)
        run.followers[TWIN] = twin
        session.spawn(_follow(session, twin, session.singleton(EndedTwin).twin), TWIN)
        session.show("memory")
    session.paint()


class EndedTwin:
    """The twin that was ended last: the next one goes on with its run, once it is saved."""

    twin: Twin | None = None


async def _follow(session: Session, twin: Twin, before: Twin | None) -> None:
    await twin.listen(before)
    if twin.state.liveness == "failed":
        sentence = "{name} stopped: {reason}. The lesson goes on."
        text = tr(sentence, name=capital(tr("twin")), reason=twin.state.failure)
        session.notify(text, severity="warning", timeout=20)


def _why_none(start: events.RunStarted | None) -> str:
    if start is None:
        return tr("The lesson is still starting.")
    if start.is_shuffled:
        return tr("The answers of this deck are shuffled already.")
    return tr("A deck with one card has nothing to shuffle.")
