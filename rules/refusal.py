"""A refusal: the ledger says no, and says why. Nothing was changed when one is raised."""

from config.refusals import REFUSALS


class Refusal(Exception):
    """A command that may not be carried out.

    ``code`` is stable and one of ``config.refusals.REFUSALS``; ``facts`` fill its sentence.
    """

    def __init__(self, code: str, **facts: object) -> None:
        self.code = code
        self.facts = facts
        super().__init__(self.say("zh"))

    def say(self, language: str) -> str:
        """The sentence in ``zh`` or ``en``: one line, what is wrong and how to mend it."""
        chinese, english = REFUSALS[self.code]
        facts = {name: " ".join(str(value).split()) for name, value in self.facts.items()}
        return (english if language == "en" else chinese).format(**facts)
