"""A sentence in a corner of the screen, for a while; one of a kind at a time."""

from dataclasses import dataclass

from textual.notifications import Notification, Notify, SeverityLevel

from flashcards.app.textual_fixes.colours import ColourApp


@dataclass
class Notice(Notification):
    """Something said in a corner for a while; `kind` is what it is about."""

    kind: str = ""


class NoticesApp(ColourApp):
    def say(
        self,
        message: str,
        *,
        severity: SeverityLevel = "information",
        timeout: float = 5.0,
        kind: str = "",
        title: str = "",
    ) -> None:
        """Say it in a corner for a while; what was said of the same `kind` before goes."""
        notice = Notice(message, title, severity, timeout, markup=False, kind=kind or message)
        self.post_message(Notify(notice))

    def unsay(self, kind: str) -> None:
        for old in list(self._notifications):
            if isinstance(old, Notice) and old.kind == kind:
                self._unnotify(old)

    def on_notify(self, event: Notify) -> None:
        """Let go what this one replaces; Textual shows it after that."""
        new = event.notification
        for old in list(self._notifications):
            if isinstance(new, Notice) and isinstance(old, Notice) and old.kind == new.kind:
                self._unnotify(old, refresh=False)
