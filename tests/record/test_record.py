"""Recordings made of a run folder: valid, as long as asked for, and what the screen showed."""

import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pyte
import pytest
from PIL import Image, ImageFont

from flashcards import cli
from flashcards.record import film, raster
from flashcards.record.moments import TimedEvents, moments
from flashcards.record.screen import FONTS, Cell, Frame, frames, is_emoji, with_font
from flashcards.runs.events import AnyEvent, CorrectionMeasured, PhaseEntered
from flashcards.wording.markers import MARKER_SIGNS
from tests.app.lesson import folded
from tests.app.recorded import rewarded
from tests.app.test_reading import reading
from tests.golden import check_words
from tests.report.test_report import HAPPENED, a_run, corrected, start

INK, PAPER = (250, 250, 250), (10, 10, 10)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return a_run(tmp_path)


def test_moments_last_as_long_as_asked_and_end_in_the_state_of_the_end() -> None:
    happened = (start(), *HAPPENED)
    shown = list(moments(happened, 12.0))
    assert sum(moment.seconds for moment in shown) == pytest.approx(12.0)
    last = folded(event for moment in shown for event in moment.events)
    assert last.ended == folded(happened).ended
    assert last.exams.last == folded(happened).exams.last


@pytest.mark.parametrize(
    ("happened", "said"),
    [(reading(), "It guesses each"), (rewarded("sorted"), "Do rewards make it")],
)
async def test_a_text_and_rewards_have_their_views(happened: list[AnyEvent], said: str) -> None:
    shown = [frame async for frame in frames([TimedEvents(tuple(happened), 1.0)], (80, 24))]
    screen = "\n".join("".join(cell.text for cell in row) for row in shown[-1].rows)
    assert said in screen
    assert "PREDICTION" not in screen


def test_a_card_taught_alone_goes_through_its_phases_with_what_was_known_in_each() -> None:
    happened: tuple[AnyEvent, ...] = (corrected(1, "France", "xqx", "wrong", 0),)
    entered = [
        event
        for moment in moments(happened, 10.0)
        for event in moment.events
        if isinstance(event, PhaseEntered)
    ]
    assert [event.phase for event in entered][:3] == ["data", "model", "prediction"]
    assert entered[0].correction.guess is None
    assert entered[2].correction.guess is not None
    assert entered[2].correction.error_nats is None
    original = happened[0]
    assert isinstance(original, CorrectionMeasured)
    assert entered[-1].correction == original.correction


def test_a_cast_is_valid_and_a_terminal_shows_the_end(run: Path, tmp_path: Path) -> None:
    target = tmp_path / "lesson.cast"
    words = ["record", str(run), "-o", str(target), "--seconds", "5"]
    assert cli.main(words) == 0
    header, *lines = (json.loads(line) for line in target.read_text("utf-8").splitlines())
    assert (header["version"], header["width"], header["height"]) == (2, 80, 24)
    times = [time for time, _, _ in lines]
    assert times == sorted(times)
    assert times[-1] == pytest.approx(5.0, abs=0.01)
    assert {kind for _, kind, _ in lines} == {"o"}
    screen = pyte.Screen(80, 24)
    stream = pyte.Stream(screen)
    seen = []
    for _, _, written in lines:
        stream.feed(written)
        seen.append(shown := "\n".join(screen.display))
        assert not any(key in shown for key in ("go on", "Any key", "q quit", "? help"))
        assert screen.buffer[23][0].bg not in ("default", "000000"), "a row is not filled"
    assert "REPLAY" in seen[0]
    assert any("it says" in shown for shown in seen)
    assert "step 8" in seen[-1]
    assert "So few cards" in seen[-1]
    assert "\x1b" not in "".join(screen.display)


@pytest.mark.slow
def test_a_gif_is_small_goes_round_and_lasts_as_long_as_asked(run: Path, tmp_path: Path) -> None:
    target = tmp_path / "lesson.gif"
    words = ["record", str(run), "-o", str(target), "--seconds", "4", "--size", "60x24"]
    assert cli.main(words) == 0
    with Image.open(io.BytesIO(target.read_bytes())) as image:
        assert image.size == (60 * raster.CELL_WIDTH, 24 * raster.CELL_HEIGHT)
        total_ms = 0
        for i in range(getattr(image, "n_frames", 1)):
            image.seek(i)
            total_ms += image.info["duration"]
        assert image.info["loop"] == 0
    assert total_ms == pytest.approx(4000, abs=400)
    assert target.stat().st_size < 500_000


def test_the_font_has_every_letter_and_blocks_join_without_a_seam() -> None:
    row = (Cell("██", INK, PAPER), Cell("⣿", INK, PAPER), Cell("é", INK, PAPER))
    image = raster.picture((row, row))
    assert image.getpixel((8, 17)) == image.getpixel((9, 18)) == INK
    dots = image.crop((18, 0, 27, 18)).getcolors()
    letter = image.crop((27, 0, 36, 18)).getcolors()
    assert dots is not None
    assert letter is not None
    assert {colour for _, colour in dots} == {INK, PAPER}
    assert len(letter) > 2


@pytest.mark.slow
def test_the_emoji_of_every_deck_and_talk_are_drawn() -> None:
    root = Path(film.__file__).parents[2]
    texts = [*root.glob("decks/*.deck"), *root.glob("docs/talks/*.md")]
    used = {char for text in texts for char in text.read_text("utf-8") if is_emoji(char)}
    assert {"🍎", "⭐", "⏰"} <= used
    missing = [char for char in sorted(used) if raster.emoji_picture(char, 18) is None]
    assert missing == []
    image = raster.picture(((Cell("🍎", INK, PAPER),),))
    pixels = [image.getpixel((x, y)) for x in range(18) for y in range(18)]
    reds = [p for p in pixels if isinstance(p, tuple) and p[0] > 2 * max(p[1:])]
    assert len(reds) > 50
    assert raster.emoji_picture("字", 18) is None


def test_a_still_carries_the_emoji_it_shows() -> None:
    svg = "<svg><style></style>{}</svg>"
    assert "unicode-range" in with_font(svg.format("🍎"))
    assert "unicode-range" not in with_font(svg.format("♪"))


@pytest.mark.slow
def test_stills_carry_their_font_and_name_no_other_place(run: Path, tmp_path: Path) -> None:
    target = tmp_path / "still.svg"
    assert cli.main(["record", str(run), "-o", str(target), "--seconds", "4"]) == 0
    stills = sorted(tmp_path.glob("still-*.svg"))
    assert len(stills) == film.N_STILLS
    text = stills[-1].read_text("utf-8")
    ET.fromstring(text)
    assert "data:font/ttf" in text
    assert "cdnjs" not in text
    assert "So&#160;few&#160;cards" in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("film.avi",), "does not end in .cast, .gif, .svg, .mp4"),
        (("no/x.cast",), "can't be written"),
        (("film.cast", "--theme", "nosuch"), "--theme: no theme is called 'nosuch'"),
    ],
)
def test_a_film_that_cant_be_made_is_one_sentence(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    film, *how = words
    command = ["record", str(run), "-o", str(tmp_path / film), "--seconds", "1", *how]
    assert cli.main(command) == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / film).exists()


def test_without_ffmpeg_a_film_is_refused_before_any_work(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert cli.main(["record", str(run), "-o", str(tmp_path / "film.mp4")]) == 1
    check_words("record: no ffmpeg", capsys.readouterr().err)


def test_a_film_has_each_frame_as_often_as_it_lasts() -> None:
    frame = Frame(((Cell("a", INK, PAPER),),), 0.35)
    assert len(list(raster.pngs([frame, frame]))) == 7


def test_the_font_of_films_has_every_sign_of_a_marker() -> None:
    font = ImageFont.truetype(str(FONTS / "DejaVuSansMono-Bold.ttf"), 20)
    assert [s for s in MARKER_SIGNS.values() if font.getmask(s).getbbox() is None] == []
