"""A run of another format is refused in one sentence, whoever opens it."""

from pathlib import Path

import pytest

from flashcards import cli
from flashcards.runs.folder import FORMAT
from tests.runs.test_folder import create

OPENERS = {
    "runs": ["runs", "--runs", "{root}"],
    "replay": ["replay", "{run}", "--plain"],
    "resume": ["train", "--resume", "{run}", "--steps", "5", "--runs", "{root}"],
    "verify": ["verify", "{run}"],
    "export": ["export", "{run}", "--to", "hf", "-o", "{root}/x"],
    "ask": ["ask", "{run}", "x"],
    "report": ["report", "{run}", "-o", "{root}/x.html"],
}


@pytest.mark.parametrize("opener", OPENERS)
@pytest.mark.parametrize(
    ("format_", "sentence"),
    [
        (FORMAT - 1, "before the first release; to read it, check out commit 548a3b8f"),
        (FORMAT + 1, "was written by a newer flashcards; update to read it"),
    ],
)
def test_it_says_what_reads_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], opener: str, format_: int, sentence: str
) -> None:
    folder = create(tmp_path)
    folder.release()
    info = folder.path / "run.json"
    info.write_bytes(info.read_bytes().replace(b'"format":%d' % FORMAT, b'"format":%d' % format_))
    cli.main([word.format(root=tmp_path, run=folder.path) for word in OPENERS[opener]])
    said = "".join(capsys.readouterr())
    assert " ".join(said.split()).count(sentence) == 1
