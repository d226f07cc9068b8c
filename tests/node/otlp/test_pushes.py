"""Who pushes: processes of one service, heard, silent, contradictory, forgotten, kept over a restart."""

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.node.baselines import BaselineFormatError
from actors.node.otlp.instance import Moment
from actors.node.otlp.pushes import STORED, Pushes
from actors.node.otlp.reading import read_batch
from actors.node.otlp.stream import Verdict
from actors.recording.series import SeriesKey
from tests.node.counted import Counted
from tests.node.otlp.pushed import FRAUD, SECOND, WORKER, counter, exponential, request

if TYPE_CHECKING:
    from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric

    from actors.node.peer import PeerStatus

KEY = SeriesKey("fraud", "1")
BEGAN = 1_000.0


class Node:
    """A node whose two clocks agree.

    Attributes:
        kept: Requests that stood in the minutes when it was started.
    """

    kept = 0

    def __init__(self, *, max_instances: int = 10, max_series: int = 10) -> None:
        self.pushes = Pushes(round(BEGAN * SECOND), max_instances=max_instances, max_series=max_series)
        self.tables = Counted()

    def take(self, at: float, *metrics: "Metric", instance: str = "1") -> Counter[str]:
        sender = {**WORKER, "service.instance.id": instance}
        # The message of protobuf is read as the one of JSON is.
        batch = read_batch(request(*metrics, sender=sender))
        (push,) = batch.pushes
        return self.pushes.take(push, Moment(at, round(at * SECOND)), self.tables)

    def total(self, at: float, value: int, *, instance: str = "1", start: float = BEGAN) -> Counter[str]:
        return self.take(at, counter("model_requests", value, start=start, time=at), instance=instance)

    def status(self, at: float) -> "PeerStatus":
        (status,) = self.pushes.statuses(at)
        return status

    @property
    def requests(self) -> int:
        return self.tables.requests.get(KEY, 0)


# --- one service -------------------------------------------------------------------------------------------


def test_instances_of_a_service_are_summed() -> None:
    node = Node()
    for at, value in [(1_010.0, 5), (1_020.0, 8)]:
        for instance in "abcd":
            node.total(at, value, instance=instance)
    assert node.requests == 4 * 8
    assert list(node.pushes.instances(1_020.0)) == [("fraud-service", 4, 0)]


def test_service_is_up_while_one_of_its_instances_is() -> None:
    node = Node()
    node.total(1_010.0, 5, instance="a")
    node.total(1_010.0, 5, instance="b")
    node.total(1_300.0, 5, instance="b")
    assert node.status(1_300.0).state == "up"
    assert list(node.pushes.instances(1_300.0)) == [("fraud-service", 1, 1)]


@pytest.mark.parametrize(
    ("arrivals", "now", "state"),
    [
        pytest.param([1_010], 1_190, "up", id="once-and-three-default-intervals"),
        pytest.param([1_010], 1_191, "unknown", id="once-and-longer"),
        pytest.param([1_010, 1_020, 1_030], 1_060, "up", id="every-ten-seconds"),
        pytest.param([1_010, 1_020, 1_030], 1_061, "unknown", id="silent-for-more-than-three-of-them"),
        pytest.param(
            [1_010, 1_020, 1_030, 1_090, 1_100], 1_130, "up", id="one-long-interval-teaches-nothing"
        ),
        pytest.param([1_010, 1_020, 1_030, 1_090, 1_100], 1_131, "unknown", id="but-the-usual-ones-do"),
        pytest.param([1_010, 1_010.1, 1_020, 1_020.1], 1_050, "up", id="a-push-in-parts-is-one"),
    ],
)
def test_silence_is_measured_by_what_is_usual(arrivals: list[float], now: float, state: str) -> None:
    node = Node()
    for at in arrivals:
        node.total(at, 1)
    assert node.status(now).state == state


def test_push_with_nothing_of_ours_is_a_sign_of_life_but_makes_nobody_known() -> None:
    node = Node()
    other = counter("http_requests", 1, start=BEGAN, time=1_010)
    node.take(1_010.0, other)
    assert list(node.pushes.statuses(1_010.0)) == []
    node.total(1_020.0, 1)
    node.take(1_180.0, other)
    assert node.status(1_200.0).silent_seconds == 20.0


def test_news_are_told_once() -> None:
    node = Node()
    node.total(1_010.0, 1)
    told = [[one.state for one in node.pushes.news(at)] for at in (1_010.0, 1_011.0, 1_500.0, 1_501.0)]
    assert told == [["up"], [], ["unknown"], []]


# --- what is counted ---------------------------------------------------------------------------------------


def test_point_that_stands_twice_in_a_push_counts_once_and_two_of_a_stream_in_their_order() -> None:
    node = Node()
    early, late = (
        counter("model_requests", value, start=BEGAN, time=at) for value, at in [(3, 1_010), (5, 1_020)]
    )
    node.take(1_021.0, late, early, late)
    assert node.requests == 5
    assert node.pushes.verdicts == {Verdict.COUNTED: 2, Verdict.DUPLICATE: 1}


def test_tables_that_fail_lose_and_double_nothing() -> None:
    """The streams of a series move in the step that counts them."""
    node = Node()
    node.tables.fail_on.add(KEY)
    with pytest.raises(ZeroDivisionError):
        node.total(1_010.0, 5)
    node.tables.fail_on.clear()
    node.total(1_010.0, 5)
    assert node.requests == 5


def test_delta_that_overlaps_is_refused_and_said() -> None:
    node = Node()
    node.take(1_010.0, counter("model_requests", 5, start=1_000, time=1_010, temporality=1))
    refused = node.take(1_015.0, counter("model_requests", 5, start=1_005, time=1_015, temporality=1))
    assert list(refused.values()) == [1]
    assert node.requests == 5


def test_series_that_appears_later_in_a_process_that_is_known_counts_whole() -> None:
    """An SDK may tell the start of the process for it, yet nothing failed before there was a stream of it."""
    node = Node()
    for at in (1_010.0, 1_070.0, 1_130.0):
        node.total(at, 100, start=500)
    node.take(1_190.0, counter("model_errors", 2, start=500, time=1_190))
    assert (node.requests, node.tables.errors[KEY]) == (0, 2)


def test_first_push_that_was_cut_in_parts_is_a_first_sight_in_all_of_them() -> None:
    node = Node()
    for at in (1_010.0, 1_010.2, 1_025.0):
        node.total(at, 100, start=500)
        node.take(at + 0.1, counter("model_errors", 2, start=500, time=at))
    assert node.tables.requests == {}


# --- two writers -------------------------------------------------------------------------------------------


def test_two_writers_under_one_identity_are_said_and_neither_is_counted() -> None:
    """As forked workers are whose SDK was set up before the fork: their starts take turns."""
    node = Node()
    node.total(1_010.0, 100, start=1_000)
    counted = node.requests
    for turn in range(10):
        refused = node.total(1_012.0 + 10 * turn, 50 + turn, start=1_001)
        assert any("conflicting writers" in reason for reason in refused)
        refused = node.total(1_020.0 + 10 * turn, 101 + turn, start=1_000)
        assert any("conflicting writers" in reason for reason in refused)
    assert node.requests == counted
    assert "conflicting writers" in str(node.status(1_120.0).problem)


def test_conflict_in_one_stream_is_one_of_the_whole_process() -> None:
    """Its failures alone may look sound, but then there would be more of them than requests."""
    node = Node()
    for at, requests, errors in [(1_010.0, 100, 0), (1_012.0, 50, 0), (1_020.0, 101, 1)]:
        node.take(
            at,
            counter("model_requests", requests, start=BEGAN, time=at),
            counter("model_errors", errors, start=BEGAN, time=at),
        )
    assert (node.requests, node.tables.errors) == (100, {KEY: 0})


def test_conflict_is_over_five_minutes_after_the_last_contradiction() -> None:
    node = Node()
    node.total(1_010.0, 100)
    node.total(1_012.0, 50)
    node.total(1_300.0, 60)
    node.total(1_313.0, 70)
    assert (node.requests, node.status(1_313.0).problem) == (110, None)


# --- clocks ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ahead", "is_said"),
    [
        pytest.param(31, True, id="ahead"),
        pytest.param(-31, True, id="behind"),
        pytest.param(30, False, id="within-thirty-seconds"),
    ],
)
def test_clock_that_is_off_is_said_and_its_points_are_counted_on_arrival(ahead: float, is_said: bool) -> None:
    node = Node()
    node.take(2_000.0, counter("model_requests", 5, start=1_500, time=2_000 + ahead))
    assert node.requests == 5
    assert ("clock skew" in str(node.status(2_000.0).problem)) is is_said


# --- limits ------------------------------------------------------------------------------------------------


def test_one_instance_too_many_is_refused_while_all_others_are_up() -> None:
    node = Node(max_instances=2)
    for instance in "ab":
        node.total(1_010.0, 1, instance=instance)
    refused = node.total(1_011.0, 1, instance="c")
    assert dict(refused) == {"node.max_instances: 2 instances push already": 1}
    assert node.requests == 2


def test_instance_that_is_unknown_makes_room() -> None:
    node = Node(max_instances=2)
    began = {"a": 1_000.0, "b": 1_000.0, "c": 1_290.0}
    for instance, at in [("a", 1_010.0), ("b", 1_020.0), ("b", 1_300.0), ("c", 1_301.0)]:
        node.total(at, 1, instance=instance, start=began[instance])
    assert node.requests == 3
    assert list(node.pushes.instances(1_301.0)) == [("fraud-service", 2, 0)]


def test_one_series_too_many_is_refused_and_the_others_are_taken() -> None:
    node = Node(max_series=2)
    metrics = [
        counter("model_requests", 1, start=BEGAN, time=1_010, labels={**FRAUD, "tenant": tenant})
        for tenant in "abc"
    ]
    assert dict(node.take(1_010.0, *metrics)) == {"node.max_pushed_series: 2 series are pushed already": 1}
    assert len(node.tables.requests) == 2


def test_instance_that_is_silent_for_an_hour_is_forgotten_and_not_counted_again_when_it_is_back() -> None:
    node = Node()
    node.total(1_010.0, 100)
    node.pushes.expire(1_010.0 + 3_600.0)
    assert list(node.pushes.instances(5_000.0)) == [("fraud-service", 0, 1)]
    node.pushes.expire(1_010.0 + 3_601.0)
    assert list(node.pushes.instances(5_000.0)) == []
    node.total(5_000.0, 130)
    node.total(5_010.0, 131)
    assert node.requests == 101


# --- restarts of the node ----------------------------------------------------------------------------------


def stored(node: Node, into: dict[str, bytes]) -> None:
    """Write what changed, as a closed minute does."""
    for key, dump in node.pushes.dump().items():
        if dump is None:
            del into[key]
        else:
            into[key] = dump


def restarted(database: dict[str, bytes], at: float) -> Node:
    after = Node()
    after.pushes = Pushes(round(at * SECOND))
    for key, dump in database.items():
        after.pushes.load(key, dump, at)
    return after


def test_node_that_restarts_counts_what_was_pushed_for_meanwhile() -> None:
    node, database = Node(), dict[str, bytes]()
    metrics = [
        exponential({-100: 3, 4: 2}, start=BEGAN, time=1_010),
        counter("model_errors", 1, start=0, time=1_010),
    ]
    node.total(1_010.0, 100)
    node.take(1_010.0, *metrics)
    stored(node, database)
    after = restarted(database, 2_000.0)
    after.total(2_010.0, 130)
    after.take(
        2_010.0,
        exponential({-100: 3, 4: 5}, start=BEGAN, time=2_010),
        counter("model_errors", 4, start=0, time=2_010),
    )
    assert (after.requests, after.tables.errors) == (30, {KEY: 3})
    assert after.tables.timed == {KEY: 3}


def test_gap_in_deltas_is_still_filled_after_a_restart_of_the_node() -> None:
    node, database = Node(), dict[str, bytes]()
    first, late, second = (
        counter("model_requests", 5, start=start, time=start + 10, temporality=1)
        for start in (1_000, 1_010, 1_020)
    )
    node.take(1_031.0, first, second)
    stored(node, database)
    after = restarted(database, 2_000.0)
    after.take(2_001.0, late)
    after.take(2_002.0, first, late, second)
    assert after.requests == 5


def test_process_that_began_while_the_node_was_down_counts_whole() -> None:
    node, database = Node(), dict[str, bytes]()
    node.total(1_010.0, 100)
    stored(node, database)
    after = restarted(database, 2_000.0)
    after.total(2_010.0, 7, instance="2", start=1_500)
    assert after.requests == 7


def test_only_what_has_changed_is_stored_again_and_what_is_forgotten_is_taken_out() -> None:
    node = Node()
    for instance in "ab":
        node.total(1_010.0, 1, instance=instance)
    assert len(node.pushes.dump()) == 3
    node.total(1_020.0, 1, instance="a")
    (key,) = node.pushes.dump()
    assert node.pushes.dump() == {}
    node.pushes.expire(1_010.0 + 3_605.0)
    gone = node.pushes.dump()
    assert [dump for name, dump in gone.items() if name != STORED] == [None]
    assert key not in gone


@pytest.mark.parametrize("key", [STORED, f"{STORED}00ff"])
def test_what_cannot_be_read_is_said_and_changes_nothing(key: str) -> None:
    node = Node()
    with pytest.raises(BaselineFormatError):
        node.pushes.load(key, b"rubbish", 0.0)
    node.total(1_010.0, 3)
    assert node.requests == 3


@given(
    events=st.lists(
        st.one_of(
            st.tuples(st.just("predict"), st.sampled_from("abc"), st.integers(1, 5)),
            st.tuples(st.sampled_from(["push", "push twice", "restart"]), st.sampled_from("abc"), st.just(0)),
            st.tuples(st.sampled_from(["close", "kill"]), st.just(""), st.just(0)),
        ),
        max_size=60,
    )
)
def test_what_is_counted_is_what_was_predicted_whoever_is_restarted(
    events: list[tuple[str, str, int]],
) -> None:
    """Processes predict, push, push again and restart; the node is killed and comes back."""
    node, database, at = Node(), dict[str, bytes](), BEGAN
    starts, lives, ended, kept = dict.fromkeys("abc", BEGAN), dict.fromkeys("abc", 0), 0, 0

    def push(instance: str) -> None:
        node.total(at, lives[instance], instance=instance, start=starts[instance])

    def close_minute() -> int:
        stored(node, database)
        return node.kept + node.requests

    close_minute()
    for what, instance, number in events:
        at += 1.0
        match what:
            case "predict":
                lives[instance] += number
            case "push":
                push(instance)
            case "push twice":
                push(instance)
                push(instance)
            case "restart":  # in order: its last push goes out, and stands in a minute
                push(instance)
                ended, lives[instance], starts[instance] = ended + lives[instance], 0, at
                kept = close_minute()
            case "close":
                kept = close_minute()
            case _:
                node = restarted(database, at)
                node.kept = kept
    at += 1.0
    for instance in "abc":
        push(instance)
    assert node.kept + node.requests == ended + sum(lives.values())
