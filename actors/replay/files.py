"""Rows of a file: CSV or JSON lines, compressed or not, from a path or from standard input."""

import csv
import gzip
import sys
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from io import BufferedReader, TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias, cast

import msgspec

from actors.replay.errors import SourceError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

Rows: TypeAlias = Iterator[tuple[str, Mapping[str, object] | str]]
STDIN: Final = "-"
_GZIP: Final = b"\x1f\x8b"


def rows_of(source: str) -> Rows:
    """The rows of a file with their places, `file:line`; its first bytes tell what form it has.

    Of a line that holds no row, what is wrong with it stands for the row.

    Raises:
        SourceError: It cannot be read.
    """
    name = "standard input" if source == STDIN else source
    try:
        with _opened(source) as raw:
            is_packed = raw.peek(2)[:2] == _GZIP
            content = cast("BufferedReader", gzip.GzipFile(fileobj=raw)) if is_packed else raw
            with TextIOWrapper(content, "utf-8-sig", newline="") as text:
                yield from _rows(text, name)
    except UnicodeDecodeError:
        raise SourceError(f"{name} must be UTF-8 text: CSV or JSON lines, also with gzip") from None
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or str(error) or "it ends too early"
        raise SourceError(f"{name} cannot be read: {reason}") from None


def _opened(source: str) -> "AbstractContextManager[BufferedReader]":
    if source == STDIN:
        # One that does not look ahead, as a test's, is given a buffer that does.
        return nullcontext(BufferedReader(cast("BufferedReader", sys.stdin.buffer)))
    return Path(source).open("rb")


def _rows(text: TextIOWrapper, name: str) -> Rows:
    first, number = text.readline(), 1
    while first and not first.strip():
        first, number = text.readline(), number + 1
    if not first:
        raise SourceError(f"{name} is empty: it must be CSV with a line of headings, or JSON lines")
    lines = chain([first], text)
    yield from (_json_rows if first.lstrip()[:1] in {"{", "["} else _csv_rows)(lines, name, number)


def _json_rows(lines: Iterator[str], name: str, number: int) -> Rows:
    decode = msgspec.json.Decoder(dict[str, object]).decode
    for at, line in enumerate(lines, start=number):
        if not line.strip():
            continue
        try:
            row = decode(line)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            yield f"{name}:{at}", f"line must be one JSON object: {error}"
        else:
            yield f"{name}:{at}", row


def _csv_rows(lines: Iterator[str], name: str, number: int) -> Rows:
    try:
        reader = csv.reader(lines)
        headings = [heading.strip() for heading in next(reader)]
        _check_headings(headings, f"{name}:{number}")
        width = len(headings)
        for cells in reader:
            place = f"{name}:{reader.line_num + number - 1}"
            if not cells:
                continue
            if len(cells) != width:
                yield place, f"line must have {width} columns as the headings have, got {len(cells)}"
            else:
                yield place, dict(zip(headings, cells, strict=True))
    except csv.Error as error:
        raise SourceError(f"{name}: must be CSV: {error}") from None


def _check_headings(headings: list[str], place: str) -> None:
    twice = next((one for at, one in enumerate(headings) if one in headings[:at]), None)
    if twice is not None:
        raise SourceError(f"{place}: headings must differ, and {twice!r} stands there twice")
    if all(_is_number(heading) for heading in headings):
        raise SourceError(f"{place}: must be a line of headings such as timestamp,good,total, got numbers")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
