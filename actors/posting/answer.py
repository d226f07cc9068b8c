"""What came back of one request, as values; nothing of this raises."""

from dataclasses import dataclass

EXCERPT_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """A server's answer.

    Attributes:
        status: HTTP status code.
        retry_after: The `Retry-After` header as it came; None if there was none.
        body: As many of its bytes as were read.
        is_whole: Whether that is all of the body; False if it broke off, took too long or was too large.
    """

    status: int
    retry_after: str | None = None
    body: bytes = b""
    is_whole: bool = True

    @property
    def text(self) -> str:
        """The body on one line, at most 200 printable characters of it: what a person gets to see.

        Nothing of one that is not whole: it might end in the middle of a key that it repeats.
        """
        if not self.is_whole:
            return ""
        text = self.body[: 4 * EXCERPT_LENGTH].decode(errors="replace")
        return "".join(char if char.isprintable() else " " for char in text).strip()[:EXCERPT_LENGTH]


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """No answer came; whether the request arrived is not known.

    Attributes:
        why: What happened, for people; free of addresses and keys.
        may_pass: False where another attempt could not help.
    """

    why: str
    may_pass: bool = True
