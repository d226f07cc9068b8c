"""LitServe's worker processes, each with a monitor of its own."""

import functools
from typing import TYPE_CHECKING

from litserve.callbacks import Callback
from starlette.exceptions import HTTPException

from actors.embedded.process import process_monitor, settings_from_environment
from actors.recording.requests.statuses import outcome_of_status

if TYPE_CHECKING:
    from collections.abc import Callable, Sized

    from litserve import LitAPI


class LitServeCallback(Callback):  # type: ignore[misc]
    """Counts every `predict` of a LitAPI in the process that runs it: `LitServer(api, callbacks=[this])`.

    Plain, streaming and asynchronous ones; a batch counts as many predictions as requests are in it. An
    `HTTPException` with a 4xx status says that the input was refused. Each worker has the monitor that
    `SLOKEEPER_CONFIG` names, and pushes once more at the SIGTERM with which LitServe ends it. The series have
    the label `route`: the API's path.

    Args:
        name: Of the model, not empty.
        version: Of the model.
        invalid: Further types of exceptions by which it refuses its input.
        labels: What else its predictions are told apart by.

    Raises:
        ConfigError: The file cannot be used. It is read here as well, since LitServe would only log what a
            worker finds wrong.
    """

    def __init__(
        self, name: str, version: str = "", *, invalid: tuple[type[Exception], ...] = (), **labels: str
    ) -> None:
        self._name, self._version, self._invalid, self._labels = name, version, invalid, labels
        settings_from_environment()

    def on_after_setup(self, lit_api: "LitAPI") -> None:
        """In a worker, before its first prediction; called by LitServe."""
        labels = {"route": lit_api.api_path, **self._labels}
        handle = process_monitor().model(
            self._name,
            self._version,
            invalid=(Refusal, *self._invalid),
            **labels,
        )
        if lit_api.max_batch_size == 1:
            lit_api.predict = handle.observe(lit_api.predict)
            return
        size = _BatchSize()
        lit_api.batch = size.noted(lit_api.batch)
        lit_api.predict = handle.observe(batch=size.of_the_last)(lit_api.predict)


class _ByStatus(type):
    def __instancecheck__(cls, error: object) -> bool:
        return isinstance(error, HTTPException) and outcome_of_status(error.status_code) == "invalid"


class Refusal(Exception, metaclass=_ByStatus):  # noqa: N818  what its instances say, not what they are
    """Every `HTTPException` with a 4xx status is one, by `isinstance`."""


class _BatchSize:
    """How many requests are in the batch that is predicted next.

    `predict` is given whatever `LitAPI.batch` has made of them; that is called just before, in its thread.
    """

    def __init__(self) -> None:
        self._last = 1

    def noted(self, batch: "Callable[..., object]") -> "Callable[..., object]":
        """`LitAPI.batch`, listened to."""

        @functools.wraps(batch)  # for its signature, in which LitServe looks for `context`
        def noting(inputs: "Sized", *args: object, **kwargs: object) -> object:
            self._last = len(inputs)
            return batch(inputs, *args, **kwargs)

        return noting

    def of_the_last(self, *_: object, **__: object) -> int:
        """The size."""
        return self._last
