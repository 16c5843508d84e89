"""The amount that a lesson shows: all that is known of it, or what one asks first."""

import contextlib
from pathlib import Path


class Density:
    """The choice of `Tab`, kept in a file."""

    def __init__(self) -> None:
        import platformdirs

        self._file = Path(platformdirs.user_data_dir("flashcards", appauthor=False)) / "all-shown"
        self.is_full = self._file.exists()

    def toggle(self) -> None:
        self.is_full = not self.is_full
        with contextlib.suppress(OSError):
            if self.is_full:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                self._file.touch()
            else:
                self._file.unlink()
