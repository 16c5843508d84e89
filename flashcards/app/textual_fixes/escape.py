"""The escape key as soon as ESCDELAY is over. Textual 8.2 waits so long for the rest of a sequence
of signs, but looks only every tenth of a second whether that time is over. POSIX only."""

import selectors
import sys

from textual.constants import ESCAPE_DELAY


class PromptSelector(selectors.SelectSelector):
    """What begins a sequence may just have been read, so that after it no wait is longer."""

    _has_read = False

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(ESCAPE_DELAY if self._has_read else timeout)
        self._has_read = bool(ready)
        return ready


class _Selectors:
    EVENT_READ = selectors.EVENT_READ
    SelectSelector = PromptSelector


def look_in_time() -> None:
    """Have Textual's driver look when the time is over, where that driver is used."""
    driver = sys.modules.get("textual.drivers.linux_driver")
    if driver is not None:
        vars(driver)["selectors"] = _Selectors
