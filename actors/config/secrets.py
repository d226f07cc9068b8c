"""Secrets: the file says where they are, and never what they are."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from actors.config.settings import Secret
from actors.config.values import is_address, joined, shown

if TYPE_CHECKING:
    from actors.config.table import Table

MOST_BYTES: Final = 64 * 1024
STAND_IN: Final = Secret("")

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_KEY_LENGTH = 32  # of PagerDuty's routing key, which could pass for the name of a variable


@dataclass(frozen=True, slots=True)
class SecretSources:
    """Where secrets are looked for.

    Attributes:
        environ: Environment variables, for keys that end in `_env`.
        folder: That relative paths of keys that end in `_file` start from.
        missing: Where lines go on those that are not there; None makes them problems of the file.
    """

    environ: Mapping[str, str]
    folder: Path
    missing: list[str] | None = None

    def needed(self, table: "Table", key: str, kind: "SecretKind") -> Secret:
        """The secret that `<key>_env` or `<key>_file` points to; a stand-in where there is a problem."""
        places = {end: table.get(f"{key}_{end}") for end in ("env", "file")}
        given = {end: place for end, place in places.items() if place is not None}
        if table.has(key):
            table.refuse(key, f"must not stand in the file; write where it is, {key}_env or {key}_file")
        elif not given:
            where = f"the environment variable (or {key}_file the file) that holds {kind.what}"
            table.refuse(f"{key}_env", f"must be set; it names {where}")
        elif len(given) > 1:
            table.refuse(f"{key}_env", f"and {key}_file must not both be set")
        for end, place in given.items():
            read = self._of_variable if end == "env" else self._of_file
            return self._checked(table, f"{key}_{end}", place, read, kind)
        return STAND_IN

    def _checked(
        self,
        table: "Table",
        key: str,
        place: object,
        read: "Callable[[str], tuple[str, str]]",
        kind: "SecretKind",
    ) -> Secret:
        if not isinstance(place, str):
            table.refuse(key, f"must be a string, got {shown(place)}")
            return STAND_IN
        try:
            source, value = read(place)
        except _UnsetError as error:
            if self.missing is None:
                table.refuse(key, str(error))
            else:
                self.missing.append(f"{joined(table.path, key)} {error}")
                return Secret("", f"{shown(place)}, which is not there")
            return STAND_IN
        except _NotThereError as error:
            table.refuse(key, str(error))
            return STAND_IN
        if not kind.fits(value):
            table.refuse(key, f"must lead to {kind.what}; what {source} holds is none")
            return STAND_IN
        return Secret(value, source)

    def _of_variable(self, name: str) -> tuple[str, str]:
        # Whoever wrote the secret itself here must not find it in a log.
        if not _VARIABLE.fullmatch(name) or (len(name) >= _KEY_LENGTH and "_" not in name):
            raise _NotThereError("must be the name of an environment variable, and not the secret itself")
        value = self.environ.get(name, "").strip()
        if not value:
            state = "is empty" if name in self.environ else "is not set"
            raise _UnsetError(f"must name an environment variable, got {name!r}, which {state}")
        return f"${name}", value

    def _of_file(self, name: str) -> tuple[str, str]:
        if "://" in name or not name.isprintable() or not name:
            raise _NotThereError("must be the path of a file, and not the secret itself")
        try:
            with (self.folder / name).open("rb") as file:
                content = file.read(MOST_BYTES + 1)
            value = content.decode().strip()
        except UnicodeDecodeError:
            raise _NotThereError(f"must name a text file, got {shown(name)}, which is not UTF-8") from None
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else "it is no path"
            raise _UnsetError(f"must name a file that can be read, got {shown(name)}: {why}") from None
        if not value or len(content) > MOST_BYTES:
            state = "is empty" if not value else "is too long for a secret"
            raise _UnsetError(f"must name a file with a secret in it, got {shown(name)}, which {state}")
        return f"file {shown(name)}", value


@dataclass(frozen=True, slots=True)
class SecretKind:
    """What a secret is.

    Attributes:
        what: In words, with its article.
        fits: Whether a text can be one.
    """

    what: str
    fits: Callable[[str], bool]


class _NotThereError(Exception):
    """A secret is not where the file says; the text shows no secret."""


class _UnsetError(_NotThereError):
    """The file says well where it is, and on this machine it is not."""


def _is_key(text: str) -> bool:
    return text.isprintable() and " " not in text


ADDRESS: Final = SecretKind("an http:// or https:// address", is_address)
KEY: Final = SecretKind("a key without spaces", _is_key)
