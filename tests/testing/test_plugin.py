"""What the pytest plugin asks for and gives."""

import pytest

from supervisor import Supervisor, start_tree
from supervisor.testing import CapturedEvent, ScriptedChild
from supervisor.testing.plugin import seed_of

pytest_plugins = ["pytester"]


@pytest.fixture(autouse=True)
def _settings(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")


async def test_captured_events_are_those_of_the_runtime(captured_events: list[CapturedEvent]) -> None:
    async with start_tree(Supervisor.spec("root", [ScriptedChild("one").spec()])):
        assert [event.name for event in captured_events] == [("supervisor", "child", "started")]


@pytest.mark.parametrize("mark", ["realtime", "realtime()", "realtime('')", "realtime(3)"])
def test_mark_without_a_reason_is_refused(mark: str, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(f"import pytest\n@pytest.mark.{mark}\ndef test_x(): pass")
    refused = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    assert refused.ret == pytest.ExitCode.USAGE_ERROR
    refused.stderr.fnmatch_lines(
        ["*test_mark_without_a_reason_is_refused.py::test_x: the mark realtime needs a reason*"]
    )


@pytest.mark.parametrize("mark", ["realtime('sockets')", "realtime(reason='sockets')"])
def test_mark_with_a_reason_is_taken(mark: str, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(f"import pytest\n@pytest.mark.{mark}\ndef test_x(): pass")
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_seed_of_chaos_is_the_tests_own_and_the_same_at_each_run() -> None:
    assert seed_of("tests/a.py::test_x", None) == seed_of("tests/a.py::test_x", None) == 129664627
    assert seed_of("tests/a.py::test_y", None) != seed_of("tests/a.py::test_x", None)


def test_seed_of_chaos_can_be_chosen_or_drawn() -> None:
    assert seed_of("tests/a.py::test_x", "7") == 7
    assert len({seed_of("tests/a.py::test_x", "random") for _ in range(3)}) > 1
    with pytest.raises(pytest.UsageError, match="whole number or 'random', got 'seven'"):
        seed_of("tests/a.py::test_x", "seven")


def test_failing_test_shows_its_seed_and_a_passing_one_does_not(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "def test_fails(chaos_seed): assert chaos_seed != 7\ndef test_passes(chaos_seed): pass\n"
    )
    ran = pytester.runpytest_inprocess("--chaos-seed=7", "-p", "no:cacheprovider")
    ran.assert_outcomes(failed=1, passed=1)
    assert ran.stdout.str().count("the same faults again: --chaos-seed=7") == 1
