"""Keys and words that a hand, a cat or a clicker may press."""

LETTERS = "12345678 nbaedrpsfgqtmclxwyz?+-,./:LQé中"
NAMED = {
    "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D",
    "shift+right": "\x1b[1;2C", "shift+left": "\x1b[1;2D", "shift+tab": "\x1b[Z",
    "home": "\x1b[H", "end": "\x1b[F", "pageup": "\x1b[5~", "pagedown": "\x1b[6~",
    "delete": "\x1b[3~", "backspace": "\x7f", "enter": "\r", "tab": "\t", "escape": "\x1b",
    "f1": "\x1bOP", "f2": "\x1bOQ", "f3": "\x1bOR", "f4": "\x1bOS", "f8": "\x1b[19~",
    "f9": "\x1b[20~", "ctrl+p": "\x10", "ctrl+s": "\x13", "ctrl+z": "\x1a", "ctrl+a": "\x01",
    "ctrl+u": "\x15", "ctrl+o": "\x0f", "focus out": "\x1b[O", "focus in": "\x1b[I",
}  # fmt: skip
LEAVING = ("q", "\x03")
WORDS = (
    "France",
    "capitals",
    "deck",
    "theme",
    "5",
    "0",
    "zzz",
    "pic",
    "k = v",
    "Chad :: N'Djamena",
)
OPENERS = (*"adsenprbq?:", "\x10")
