"""A table of the file while it is read."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

from actors.config.values import UnfitError, joined, nearest, shown

if TYPE_CHECKING:
    from actors.config.values import Convert

T = TypeVar("T")
Problems = list[str]


class Table:
    """Reads keys, notes which ones are known, and gathers what is wrong instead of stopping at it.

    A value that is wrong is read as a stand-in, so that all the rest is looked at too; nothing made of
    stand-ins leaves the loader.

    Args:
        values: As they stand in the file.
        path: Of this table; "" is the whole file.
        problems: Where lines go.
        header: What stands in brackets above it in the file; None is `path`.
    """

    __slots__ = ("_bad", "_header", "_known", "_problems", "_values", "path")

    def __init__(
        self, values: Mapping[str, object], path: str, problems: Problems, header: str | None = None
    ) -> None:
        self.path = path
        self._header = path if header is None else header
        self._values = values
        self._problems = problems
        self._known: dict[str, None] = {}
        self._bad: set[str] = set()

    def get(self, key: str) -> object | None:
        """What stands there, or None: TOML has no null."""
        self._known[key] = None
        return self._values.get(key)

    def has(self, key: str) -> bool:
        """Whether it is there; then it is known, else it is no key to propose to anybody."""
        return key in self._values and self.get(key) is not None

    def optional(self, key: str, convert: "Convert[T]", default: T) -> T:
        """A key that may be missing."""
        value = self.get(key)
        if value is None:
            return default
        try:
            return convert(value)
        except UnfitError as error:
            self.refuse(key, str(error))
            return default

    def needed(self, key: str, convert: "Convert[T]", stand_in: T, example: str) -> T:
        """A key that must be there; `example` shows how it could read."""
        if self.get(key) is None:
            self.refuse(key, f"must be set, such as {key} = {example}")
            return stand_in
        return self.optional(key, convert, stand_in)

    def refuse(self, key: str, why: str) -> None:
        """Note that something is wrong with a key's value."""
        self._bad.add(key)
        self._problems.append(f"{joined(self.path, key)} {why}")

    def is_good(self, key: str) -> bool:
        """Whether nothing was wrong with the key so far."""
        return key not in self._bad

    def table(self, key: str) -> "Table | None":
        """The table below this one, or None."""
        value = self.get(key)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            self.refuse(key, f"must be a table, [{joined(self._header, key)}], got {shown(value)}")
            return None
        return Table(value, joined(self.path, key), self._problems, joined(self._header, key))

    def tables(self, key: str) -> "Iterator[Table]":
        """Each table of an array of tables, under its name where it has one."""
        value, path, header = self.get(key), joined(self.path, key), joined(self._header, key)
        if value is None:
            return
        if not isinstance(value, list):
            hint = " (two brackets)" if isinstance(value, Mapping) else ""
            self.refuse(key, f"must be an array of tables, [[{header}]], got {shown(value)}{hint}")
            return
        for number, each in enumerate(value, start=1):
            if not isinstance(each, Mapping):
                self._problems.append(f"{path}#{number} must be a table, got {shown(each)}")
                continue
            name: object = each.get("name")
            is_named = isinstance(name, str) and name
            full = joined(path, str(name)) if is_named else f"{path}#{number}"
            yield Table(each, full, self._problems, header)

    def rest_is_unknown(self, also: Mapping[str, str] | None = None) -> None:
        """Refuse every key that nobody has asked for.

        Args:
            also: For keys that others use, the one of ours that says the same.
        """
        known = list(self._known)
        for key in self._values:
            if key not in self._known:
                where = joined(self.path, key)
                meant = (also or {}).get(key.lower())
                hint = f"did you mean {meant!r}?" if meant else nearest(key, known)
                self._problems.append(f"{where} is no key that is known here ({hint})")
