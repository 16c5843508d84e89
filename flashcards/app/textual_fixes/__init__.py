"""Stand-ins for what Textual 8.2 lacks. `tests/app/test_textual_fixes.py` shows each fault."""
