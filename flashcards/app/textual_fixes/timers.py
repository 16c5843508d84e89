"""A timer that fires once fires, however busy the machine is.

Textual's timers skip what is overdue. One that fires once is then over before it fired, if its
whole time goes by between two lines of its loop. A terminal that changes its size is waited for
with such a timer, of 8 ms: on a busy machine no later size was ever laid out.
"""

from textual.app import App
from textual.timer import Timer, TimerCallback


class PunctualApp(App[None]):
    def set_timer(
        self,
        delay: float,
        callback: TimerCallback | None = None,
        *,
        name: str | None = None,
        pause: bool = False,
    ) -> Timer:
        timer = super().set_timer(delay, callback, name=name, pause=pause)
        timer._skip = False  # read when its task begins, which is after this
        return timer
