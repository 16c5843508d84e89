"""Frames as pixels, with the fonts that came along: a GIF, or PNGs for a film. Needs Pillow. Lines,
blocks and braille are drawn, so that they join; a wide character without a font is a small box."""

import io
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from rich.cells import cell_len

from flashcards.app.widgets import emoji
from flashcards.app.widgets.cells import clusters
from flashcards.record.screen import FONTS, Cell, Frame, Rows

FONT_SIZE = 15
CELL_WIDTH = 9
CELL_HEIGHT = 18
BASE = 14
N_COLOURS = 64
FILM_RATE_HZ = 10


@cache
def _font(is_bold: bool) -> ImageFont.FreeTypeFont:
    name = "DejaVuSansMono-Bold.ttf" if is_bold else "DejaVuSansMono.ttf"
    return ImageFont.truetype(str(FONTS / name), FONT_SIZE)


@cache
def emoji_picture(text: str, size: int) -> Image.Image | None:
    """The emoji in colour, a square of so many pixels; None of a character that the font lacks."""
    png = emoji.png(text)
    if png is None:
        return None
    square = (emoji.MARGIN, 0, emoji.MARGIN + emoji.SIDE, emoji.SIDE)
    with Image.open(io.BytesIO(png)) as image:
        whole = image.convert("RGBA").crop(square)
    return whole.resize((size, size), Image.Resampling.LANCZOS)


def picture(rows: Rows) -> Image.Image:
    n_columns = max(sum(cell_len(cell.text) for cell in row) for row in rows)
    image = Image.new("RGB", (n_columns * CELL_WIDTH, len(rows) * CELL_HEIGHT))
    draw = ImageDraw.Draw(image)
    for i, row in enumerate(rows):
        x, y = 0, i * CELL_HEIGHT
        for cell in row:
            width = cell_len(cell.text) * CELL_WIDTH
            draw.rectangle((x, y, x + width - 1, y + CELL_HEIGHT - 1), cell.paper)
            for cluster in clusters(cell.text):
                _character(image, draw, x, y, cluster, cell)
                x += cell_len(cluster) * CELL_WIDTH
    return image


def _character(
    image: Image.Image, draw: ImageDraw.ImageDraw, x: int, y: int, text: str, cell: Cell
) -> None:
    w, h = cell_len(text) * CELL_WIDTH, CELL_HEIGHT
    box = _block(text, x, y, w, h)
    if 0x2800 <= ord(text[0]) <= 0x28FF:
        for column, row in _dots(ord(text[0]) - 0x2800):
            left, top = x + 1 + 4 * column, y + 1 + row * CELL_HEIGHT // 4
            draw.rectangle((left, top, left + 2, top + 2), cell.ink)
    elif box is not None:
        draw.rectangle(box, cell.ink)
    elif not text.isspace() and w:
        if w == CELL_WIDTH:
            draw.text((x, y + BASE), text, cell.ink, _font(cell.is_bold), anchor="ls")
        elif (drawn := emoji_picture(text[0], h)) is not None:
            image.paste(drawn, (x + (w - h) // 2, y), drawn)
        else:
            draw.rectangle((x + 2, y + 3, x + w - 3, y + h - 4), outline=cell.ink)
    if cell.is_underlined:
        draw.line((x, y + BASE + 2, x + w - 1, y + BASE + 2), cell.ink)


def _dots(bits: int) -> Iterator[tuple[int, int]]:
    """Column and row of each dot of a braille character, which charts are drawn with."""
    places = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
    for bit, place in enumerate(places):
        if bits >> bit & 1:
            yield place


def _block(text: str, x: int, y: int, w: int, h: int) -> tuple[int, int, int, int] | None:
    """The rectangle that a block or a plain line is; None for another character."""
    code = ord(text[0])
    if 0x2581 <= code <= 0x2588:
        return x, y + h - round(h * (code - 0x2580) / 8), x + w - 1, y + h - 1
    if 0x2589 <= code <= 0x258F:
        return x, y, x + max(1, round(w * (0x2590 - code) / 8)) - 1, y + h - 1
    right, bottom, middle, centre = x + w - 1, y + h - 1, y + h // 2, x + w // 2
    return {
        "▀": (x, y, right, middle - 1),
        "▐": (centre, y, right, bottom),
        "▔": (x, y, right, y + 1),
        "─": (x, middle, right, middle),
        "━": (x, middle - 1, right, middle + 1),
        "│": (centre, y, centre, bottom),
        "┃": (centre - 1, y, centre + 1, bottom),
    }.get(text)


def gif(frames: Iterable[Frame]) -> bytes:
    """A GIF that goes round, one palette for all of it. Raises ValueError: there is no frame."""
    every_frame = list(frames)
    if not every_frame:
        raise ValueError("no frame")
    palette = _palette(every_frame)
    images = [
        picture(f.rows).quantize(palette=palette, dither=Image.Dither.NONE) for f in every_frame
    ]
    target = io.BytesIO()
    images[0].save(
        target,
        format="GIF",
        save_all=True,
        append_images=images[1:],
        duration=[max(20, round(frame.seconds * 100) * 10) for frame in every_frame],
        loop=0,
        disposal=1,
    )
    return target.getvalue()


def _palette(every_frame: list[Frame]) -> Image.Image:
    samples = [picture(every_frame[i * (len(every_frame) - 1) // 5].rows) for i in range(6)]
    sheet = Image.new("RGB", (samples[0].width, sum(image.height for image in samples)))
    y = 0
    for image in samples:
        sheet.paste(image, (0, y))
        y += image.height
    return sheet.quantize(N_COLOURS, method=Image.Quantize.MEDIANCUT)


def film(frames: Iterable[Frame], target: Path) -> bool:
    """An MP4, by ffmpeg; whether it could be written."""
    program = shutil.which("ffmpeg")
    if program is None:
        return False
    command = [program, "-y", "-loglevel", "error", "-f", "image2pipe"]
    command += ["-framerate", str(FILM_RATE_HZ), "-i", "-", "-pix_fmt", "yuv420p"]
    command += ["-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", str(target)]
    ended = subprocess.run(command, input=b"".join(pngs(frames)), check=False)
    return ended.returncode == 0


def pngs(frames: Iterable[Frame]) -> Iterator[bytes]:
    due_s = 0.0
    n_written = 0
    for frame in frames:
        due_s += frame.seconds
        file = io.BytesIO()
        picture(frame.rows).save(file, format="PNG")
        while n_written < due_s * FILM_RATE_HZ:
            n_written += 1
            yield file.getvalue()
