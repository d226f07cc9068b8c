"""What a supervisor refuses, where it is asked for."""

import pytest

from supervisor import BadChildSpecError, ChildSpec, Supervisor, SupervisorOptions
from tests.process.actors import Scripted


@pytest.mark.conformance("A19", "S1.69")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"strategy": "one_for_two"},
            "strategy must be one of 'one_for_one', 'one_for_all', 'rest_for_one', got 'one_for_two'",
        ),
        ({"max_restarts": -1}, "max_restarts must be a whole number >= 0, got -1"),
        ({"max_restarts": 1.5}, "max_restarts must be a whole number >= 0, got 1.5"),
        ({"max_seconds": 0.0}, "max_seconds must be seconds > 0, got 0.0"),
        ({"max_seconds": float("nan")}, "max_seconds must be seconds > 0, got nan"),
        ({"restart": "always"}, "restart must be one of"),
        ({"shutdown": "soon"}, "shutdown must be 'brutal_kill', 'infinity' or seconds >= 0, got 'soon'"),
    ],
)
def test_option_that_cannot_work_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(BadChildSpecError) as raised:
        Supervisor.spec("root", **options)  # type: ignore[arg-type]
    assert message in str(raised.value)


def test_supervisor_made_by_hand_refuses_the_same() -> None:
    with pytest.raises(BadChildSpecError, match="max_restarts"):
        Supervisor(max_restarts=-1)
    with pytest.raises(BadChildSpecError, match="child id 'it' stands 2 times"):
        Supervisor([ChildSpec("it", Scripted), ChildSpec("it", Scripted)])


@pytest.mark.conformance("A9", "A19", "S2.3")
def test_defaults_are_those_of_elixir_in_seconds() -> None:
    worker, supervisor = ChildSpec("it", Scripted), Supervisor.spec("sup")
    assert (worker.restart, worker.shutdown, worker.kind) == ("permanent", 5.0, "worker")
    assert (supervisor.restart, supervisor.shutdown, supervisor.kind) == (
        "permanent",
        "infinity",
        "supervisor",
    )
    options = SupervisorOptions()
    assert (options.strategy, options.max_restarts, options.max_seconds) == ("one_for_one", 3, 5.0)
    assert (options.auto_shutdown, options.when_limit_hit) == ("never", "end")
