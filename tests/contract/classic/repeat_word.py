"""Repeat a word."""
# mypy: ignore-errors

from ports.action import ActionHandler, Arg


class RepeatWord(ActionHandler, permission="word.repeat"):
    """Repeat a word some times."""

    arguments = {
        "word": Arg(str, required=True),
        "times": Arg(int, required=False, default=2, validator=abs),
        "voice": Arg(str, required=False, options=["loud", "low"]),
        "with_dots": Arg(bool, default=False),
    }

    async def execute(self):
        words = [self.word.upper() if self.voice == "loud" else self.word] * self.times
        return ("... " if self.with_dots else " ").join(words)
