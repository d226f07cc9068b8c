"""The body of a push: whole, within its limits, in time."""

import asyncio
import gzip
import tracemalloc
from collections.abc import AsyncIterator, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.node.otlp.body import BadGzipError, BodyTimeoutError, TooLargeError, read_body


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def cut(body: bytes, size: int) -> Iterable[bytes]:
    return [body[at : at + size] for at in range(0, len(body), size)]


@given(body=st.binary(max_size=500), size=st.integers(1, 50), times=st.integers(1, 3))
async def test_compressed_body_comes_out_as_it_went_in(body: bytes, size: int, times: int) -> None:
    """However it is cut, and also where one gzip follows another."""
    sent = gzip.compress(body) * times
    assert await read_body(chunks(*cut(sent, size)), is_gzip=True) == body * times


@pytest.mark.parametrize("is_gzip", [True, False])
@pytest.mark.parametrize(("size", "fits"), [(1_000, True), (1_001, False)])
async def test_limit_is_the_last_size_that_is_taken(is_gzip: bool, size: int, fits: bool) -> None:
    body = gzip.compress(bytes(size)) if is_gzip else bytes(size)
    reading = read_body(chunks(*cut(body, 100)), is_gzip=is_gzip, max_bytes=1_000)
    if fits:
        assert await reading == bytes(size)
    else:
        with pytest.raises(TooLargeError, match="at most 1000 bytes"):
            await reading


async def test_limit_is_for_all_pieces_together() -> None:
    with pytest.raises(TooLargeError, match="decompressed"):
        await read_body(chunks(*[gzip.compress(bytes(400))] * 3), is_gzip=True, max_bytes=1_000)


async def test_compressed_size_is_limited_too() -> None:
    """Empty files one after the other inflate to nothing."""
    with pytest.raises(TooLargeError):
        await read_body(chunks(*[gzip.compress(b"")] * 100), is_gzip=True, max_bytes=1_000)


async def test_bomb_is_never_inflated() -> None:
    bomb = gzip.compress(bytes(200_000_000))
    tracemalloc.start()
    with pytest.raises(TooLargeError):
        await read_body(chunks(bomb), is_gzip=True, max_bytes=1_000_000)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 5_000_000


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"rubbish", id="no-gzip"),
        pytest.param(gzip.compress(b"push")[:-1], id="cut-off"),
        pytest.param(gzip.compress(b"push") + b"rubbish", id="rubbish-behind"),
        pytest.param(gzip.compress(b"push")[:-8] + bytes(8), id="wrong-checksum"),
    ],
)
async def test_what_is_no_gzip_is_refused(body: bytes) -> None:
    with pytest.raises(BadGzipError, match="body must be gzip"):
        await read_body(chunks(body), is_gzip=True)


async def test_body_that_does_not_come_is_given_up() -> None:
    async def stalled() -> AsyncIterator[bytes]:
        yield b"a"
        await asyncio.sleep(3_600.0)

    with pytest.raises(BodyTimeoutError, match="within 30 s"):
        await read_body(stalled(), is_gzip=False)
