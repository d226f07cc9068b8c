"""What becomes of frames on their way: references, errors, what is too much or too little at once."""

import asyncio
from typing import cast

import pytest

from supervisor import (
    Actor,
    CannotCrossError,
    Crashed,
    FarError,
    Pid,
    StartFailedError,
    Supervisor,
    start_tree,
)
from supervisor.isolation.far import TreeReferences
from supervisor.isolation.frames import Deliver, Finished
from supervisor.isolation.wire import Channel, FarTraceback, GarbledError, Wire
from supervisor.process import ActorSystem
from supervisor.process.mailbox import CAST
from tests.isolation.actors import OddError


def crossed(cargo: object, system: ActorSystem) -> object:
    """What arrives on the other side of one and the same system."""
    wire = Wire(TreeReferences(system))
    frame, spoiled = wire.unpack(wire.pack(Finished(cargo)))
    assert spoiled is None
    return cast("Finished", frame).cargo


def raised(error: Exception) -> Exception:
    try:
        raise error  # noqa: TRY301  for its traceback
    except Exception as same:  # noqa: BLE001
        return same


async def test_references_cross_by_name_however_deep_and_dead_handles_stay_dead() -> None:
    async with start_tree(Supervisor.spec("root")) as tree:
        ref, alive = tree.ref("root"), tree.ref("root").pid
        assert alive is not None
        assert crossed({"a": [ref, (alive,)]}, tree.system) == {"a": [ref, (alive,)]}
        dead = await tree.system.start(Actor)
        assert dead is not None
        await dead.stop()
        revived = crossed(dead, tree.system)
        assert isinstance(revived, Pid)
        assert (revived, revived.is_alive, repr(revived)) == (dead, False, repr(dead))


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(ZeroDivisionError("a", 1), id="plain"),
        pytest.param(FileNotFoundError(2, "gone", "file"), id="of-the-system"),
        pytest.param(OddError("one", two=2), id="of-odd-arguments"),
        pytest.param(StartFailedError("it", Crashed(KeyError("x"))), id="with-another-inside"),
    ],
)
async def test_error_crosses_as_what_it_is_with_its_traceback_as_text(error: Exception) -> None:
    revived = crossed(Crashed(raised(error)), ActorSystem())
    assert isinstance(revived, Crashed)
    assert type(revived.exception) is type(error)
    assert str(revived.exception) == str(error)
    assert vars(revived.exception).keys() == vars(error).keys()
    assert isinstance(revived.exception.__cause__, FarTraceback)
    assert "in raised" in str(revived.exception.__cause__)


async def test_error_that_cannot_cross_is_told_by_name_and_text() -> None:
    class LocalError(Exception):
        pass

    unsendable = ValueError("held")
    unsendable.held = lambda: None  # type: ignore[attr-defined]
    revived = crossed((LocalError("text"), unsendable), ActorSystem())
    local, other = cast("tuple[FarError, FarError]", revived)
    assert (type(local), local.text) == (FarError, "text")
    assert local.name.endswith("LocalError")
    assert (other.name, other.text) == ("ValueError", "held")


async def test_what_cannot_be_pickled_is_refused_by_name() -> None:
    with pytest.raises(CannotCrossError, match=r"'function' cannot cross into another process: .*pickle"):
        Wire(TreeReferences(ActorSystem())).pack(Deliver(lambda: None, CAST, 1))


async def test_channel_puts_frames_together_from_any_pieces() -> None:
    taken: list[bytes] = []
    sent = bytearray()

    class Transport(asyncio.Transport):
        def write(self, data: object) -> None:
            sent.extend(cast("bytes", data))

        def is_closing(self) -> bool:
            return False

    sender = Channel(taken.append, lambda _: None)
    sender.connection_made(Transport())
    for body in (b"", b"one", b"x" * 1000):
        sender.send(body)
    receiver = Channel(taken.append, lambda _: None)
    for position in range(len(sent)):
        receiver.data_received(bytes(sent[position : position + 1]))
    receiver.data_received(bytes(sent))
    assert taken == [b"", b"one", b"x" * 1000] * 2


async def test_body_that_is_no_frame_is_told_from_one_whose_cargo_cannot_be_read() -> None:
    with pytest.raises(GarbledError):
        Wire(TreeReferences(ActorSystem())).unpack(b"x" * 100)


async def test_channel_breaks_at_what_is_no_frame_and_waits_for_no_length_out_of_it() -> None:
    taken: list[bytes] = []
    lost: list[GarbledError | None] = []

    class Transport(asyncio.Transport):
        def abort(self) -> None:
            receiver.connection_lost(None)

    receiver = Channel(taken.append, lost.append)
    receiver.connection_made(Transport())
    receiver.data_received(b"\0" * 100)
    assert taken == []
    assert [type(error) for error in lost] == [GarbledError]
