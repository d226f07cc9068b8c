"""What an evaluator holds beside the counts, as bytes: the lives of the rules, and what was measured."""

import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from actors.slo.rule_lives import Life

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from actors.slo.columns import Key

_FAST: Final = 1


class StateFormatError(ValueError):
    """A stored state that cannot be read."""


@dataclass(frozen=True, slots=True)
class EvaluatorState:
    """Everything, columns told by their position among `keys`.

    Attributes:
        minute: The newest minute that was judged.
        keys: Of the columns.
        lives: Of each rule that ever fired.
        blind: The same of being blind; its rule is "".
        told: Columns whose ticket somebody was told of.
        coverage: Minutes, a line each: born, heard, explained, lost since.
        gaps: Stretches that were not measured: column, first minute, minute after the last.
        periods: First minute, good and total events of the running period, a line each.
    """

    minute: int
    keys: "Sequence[Key]"
    lives: "Sequence[Life]"
    blind: "Sequence[Life]"
    told: "Sequence[int]"
    coverage: "NDArray[np.int64]"
    gaps: "NDArray[np.int64]"
    periods: "NDArray[np.int64]"


class _First(msgspec.Struct, array_like=True, tag_field="format", tag=1):
    minute: int
    keys: bytes
    lives: list[Life]
    blind: list[Life]
    told: list[int]
    coverage: bytes
    gaps: bytes
    periods: bytes


_decoder = msgspec.msgpack.Decoder(_First)
_keys_decoder = msgspec.msgpack.Decoder(list[tuple[str, list[tuple[str, str]]]])


def encode_state(state: EvaluatorState) -> bytes:
    """Pack a state, in format 1."""
    return msgspec.msgpack.encode(
        _First(
            state.minute,
            _packed_keys(tuple(state.keys)),
            list(state.lives),
            list(state.blind),
            list(state.told),
            *(_packed(numbers) for numbers in (state.coverage, state.gaps, state.periods)),
        )
    )


def decode_state(stored: bytes) -> EvaluatorState:
    """Unpack what `encode_state` made.

    Raises:
        StateFormatError: It was not made by it, or is of a later format.
    """
    try:
        first = _decoder.decode(stored)
        keys = [(slo, tuple(group)) for slo, group in _keys_decoder.decode(zlib.decompress(first.keys))]
        coverage = _unpacked(first.coverage, 4, len(keys))
        gaps = _unpacked(first.gaps, -1, 3)
        periods = _unpacked(first.periods, 3, len(keys))
    except (msgspec.DecodeError, zlib.error, ValueError) as error:
        raise StateFormatError(f"stored state of {len(stored)} bytes must be of format 1: {error}") from error
    columns = [*first.told, *(life[0] for life in (*first.lives, *first.blind))]
    if columns and not 0 <= min(columns) <= max(columns) < len(keys):
        raise StateFormatError(f"stored state: columns must be of its {len(keys)}")
    return EvaluatorState(first.minute, keys, first.lives, first.blind, first.told, coverage, gaps, periods)


@lru_cache(maxsize=1)
def _packed_keys(keys: "tuple[Key, ...]") -> bytes:
    return zlib.compress(msgspec.msgpack.encode(keys), _FAST)


def _packed(numbers: "NDArray[np.int64]") -> bytes:
    return zlib.compress(numbers.tobytes(), _FAST)


def _unpacked(packed: bytes, *shape: int) -> "NDArray[np.int64]":
    numbers = np.frombuffer(zlib.decompress(packed), np.int64)
    return numbers.reshape(shape).copy()
