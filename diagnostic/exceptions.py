"""What the diagnostic refuses, by name."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in the content: the file, the item in it (node, threat...), and what is wrong."""

    file: str
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}: {self.where}: {self.message}"


class ContentError(Exception):
    """The content cannot be compiled; `problems` names every file and item at fault."""

    def __init__(self, problems: list[Problem]):
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class ConditionError(ValueError):
    """A condition that is not in the language; the message quotes it."""


class JourneyIncomplete(Exception):
    """The answers do not lead to a result yet: nothing can be saved."""
