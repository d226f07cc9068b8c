"""What is raised for a configuration that cannot be used."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class ConfigError(ValueError):
    """A configuration cannot be used, and these are all the reasons.

    Attributes:
        problems: Each one line: the file, the key's full path, what was found, what would be right.
    """

    def __init__(self, problems: "Iterable[str]") -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))

    def __reduce__(self) -> "tuple[type[ConfigError], tuple[tuple[str, ...]]]":
        return ConfigError, (self.problems,)
