"""What a trace of a prediction must be able to do; whether it is traced at all is decided elsewhere."""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping, Sequence

    from actors.recording.buffers import Exemplar
    from actors.recording.outcome import Outcome
    from actors.recording.predict.timed_stage import TimedStage
    from actors.recording.series import SeriesKey
    from supervisor.clock import Seconds

Ids: TypeAlias = tuple[int, int]
"""Of a trace and of a span in it."""


class Trace(Protocol):
    """One prediction that is traced; none of its methods may raise or wait.

    From its beginning to its end it is current, but for the time between two items of a generator, when
    whoever takes the items does something else. Of `pause` and `resume`, each follows the other, and the end
    comes while it is not paused.
    """

    def stage(self, name: str) -> AbstractContextManager[object]:
        """A part of it as a child, for as long as the block runs; what the block raises goes on."""

    def inject(self, headers: "MutableMapping[str, str]") -> None:
        """Write into headers where a service that is called belongs."""

    def pause(self) -> None:
        """Let it be current no longer."""

    def resume(self) -> None:
        """Let it be current again, perhaps in another thread or task."""

    def ended(self, outcome: "Outcome", error: BaseException | None, seconds: "Seconds") -> "Exemplar | None":
        """The prediction is over.

        Args:
            outcome: As it is counted.
            error: What ended it; None if it returned, which one whose input was refused may do as well.
            seconds: How long it took, as it is counted.

        Returns:
            What metrics may show as an example of such a prediction; None if it is not kept.
        """


class SeriesTracing(Protocol):
    """Which predictions of one series are traced; none of its methods may raise or wait.

    Whoever runs predictions takes one from `left` at each and looks at `current()`; only where `left` has
    become negative or something is current, `begin` is asked. When one that was not begun is over, `keep` is
    told if it failed or took longer than `slow_seconds`.
    """

    left: float
    slow_seconds: "Seconds"

    def current(self) -> object:
        """What OpenTelemetry holds to be current; empty, and so false, where nothing is."""

    def incoming(self, headers: "Mapping[str, str]") -> AbstractContextManager[None]:
        """A block whose predictions belong to the trace that a request's headers tell of."""

    def begin(self, input_size: int | None = None, *, key: "SeriesKey | None" = None) -> Trace | None:
        """The trace of a prediction that begins, current by then; None if this one is not sampled.

        Args:
            input_size: Bytes of its input, if they are known.
            key: Whose it is, where that is not the series that decides.
        """

    def keep(
        self,
        began: "Seconds",
        seconds: "Seconds",
        outcome: "Outcome",
        error: BaseException | None,
        *,
        input_size: int | None = None,
        stages: "Sequence[TimedStage]" = (),
        ids: "Ids | None" = None,
        key: "SeriesKey | None" = None,
    ) -> "Exemplar | None":
        """Trace a prediction that is over, if it was slow or failed and there is room for it.

        Args:
            began: By `perf_counter`, seconds.
            seconds: How long it took, as it is counted.
            outcome: As it is counted.
            error: What ended it; None if it returned.
            input_size: Bytes of its input, if they are known.
            stages: Those that it had.
            ids: Its own, if somebody has been told them.
            key: As for `begin`.

        Returns:
            What metrics may show as an example of such a prediction; None if it is not kept.
        """

    def inject(self, headers: "MutableMapping[str, str]", ids: "Ids | None") -> "Ids | None":
        """Write into headers where a service that is called belongs, and that this is not sampled.

        Returns:
            The ids that it has from then on.
        """
