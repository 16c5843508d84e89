"""The user's own marker: a fact of the log, also for an earlier step, and nothing else changes."""

from pathlib import Path

from flashcards.runs.commands import SetBookmark, Stop
from flashcards.runs.events import BookmarkSet
from flashcards.runs.recording import Recording
from tests.decks import write_capitals
from tests.trainer.lessons import Script, run_lesson


def test_a_bookmark_is_logged_where_it_was_set_with_the_step_it_marks(tmp_path: Path) -> None:
    deck = write_capitals(tmp_path)
    script: Script = [
        (4, SetBookmark(step=4, text="now")),
        (6, SetBookmark(step=2, text="then\x1b[31m")),
        (7, SetBookmark(step=10**12)),
        (8, Stop()),
    ]
    opened, watched = run_lesson(deck, script=script)
    first, second, third = watched.of(BookmarkSet)
    assert (first.text, first.at_step) == ("now", None)
    assert second.at_step == 2
    assert second.step > 4
    assert "\x1b" not in second.text
    assert third.at_step is None
    marked = [m for m in Recording.open(opened.keeper.folder).markers if m.kind == "bookmark"]
    assert [m.step for m in marked] == sorted([first.step, 2, third.step])
