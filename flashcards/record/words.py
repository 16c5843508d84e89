"""Every sentence of `flashcards record`, so that it can be translated."""

from __future__ import annotations

from flashcards.language import tr

NO_PILLOW = tr("a GIF, and a film, need Pillow: pip install 'flashcards[record]'")
NO_FFMPEG = tr("an MP4 needs the program ffmpeg, which is not here; a .gif needs only Pillow")
FFMPEG_FAILED = tr("ffmpeg could not write the film")


def unknown(name: str, suffixes: str) -> str:
    return tr("{name} does not end in {suffixes}", name=name, suffixes=suffixes)


def not_written(name: str, reason: str) -> str:
    return tr("{name} can't be written: {reason}", name=name, reason=reason)


def not_rehearsed(name: str) -> str:
    return tr(
        "{name} was not rehearsed, and a film shows the rehearsal: flashcards rehearse {name}",
        name=name,
    )


def has_changed(name: str) -> str:
    return tr("{name} has changed since its rehearsal: flashcards rehearse {name} again", name=name)


def nothing(name: str) -> str:
    return tr("nothing was taught in {name} yet; there is nothing to show", name=name)
