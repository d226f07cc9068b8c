"""A peer's `/metrics` page, read into the totals of its series."""

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from prometheus_client.parser import text_string_to_metric_families

from actors.node.counters import Cumulative, Reading
from actors.recording.series import SeriesKey

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from prometheus_client.samples import Sample

_Name = TypeVar("_Name", str, float)
_Value = TypeVar("_Value", int, float)

_REQUESTS = "model_requests_total"
_ERRORS = "model_errors_total"
_CANCELLED = "model_cancelled_total"
_INVALID = "model_invalid_total"
_BUCKET = "model_latency_seconds_bucket"
_CREATED = frozenset({"model_requests_created", "model_latency_seconds_created"})
_OURS = _CREATED | {_REQUESTS, _ERRORS, _CANCELLED, _INVALID, _BUCKET}


class PeerAnswerError(ValueError):
    """A peer's answer cannot be used; nothing of it was taken, so the next good one brings it all."""


@dataclass(slots=True)
class _Draft:
    """One series while its samples are collected."""

    counters: dict[str, float] = field(default_factory=dict)
    within: dict[float, int] = field(default_factory=dict)

    def finished(self) -> Cumulative:
        errors = int(self.counters.get(_ERRORS, 0))
        # The histogram holds the successful ones; with no counter beside it, they and the failures are all.
        requests = self.counters.get(_REQUESTS, self.within.get(math.inf, 0) + errors)
        created = [self.counters[name] for name in sorted(_CREATED & self.counters.keys())]
        return Cumulative(
            requests=int(requests),
            errors=errors,
            within=tuple(sorted(self.within.items())),
            created=created[-1] if created else None,
            cancelled=int(self.counters.get(_CANCELLED, 0)),
            invalid=int(self.counters.get(_INVALID, 0)),
        )


def read_page(page: bytes) -> Reading:
    """Read the predictions out of a page in Prometheus' text format 0.0.4.

    Takes `model_requests_total`, `model_errors_total`, `model_cancelled_total`, `model_invalid_total`, the
    buckets of `model_latency_seconds`, and `_created` times; labels other than `model`, `version` and `le`
    stay on the series. Everything else on the page must be well-formed and is left alone.

    Raises:
        PeerAnswerError: The page is not in the format, or a count in it can be none.
    """
    drafts: dict[SeriesKey, _Draft] = {}
    for sample in _samples(page):
        if sample.name in _OURS:
            _collect(drafts, sample)
    return {key: draft.finished() for key, draft in drafts.items()}


def _samples(page: bytes) -> "Iterator[Sample]":
    try:
        for family in text_string_to_metric_families(page.decode()):
            yield from family.samples
    except UnicodeDecodeError as error:
        raise PeerAnswerError(
            f"page must be UTF-8, got byte {page[error.start]:#04x} at {error.start}"
        ) from error
    except Exception as error:  # the parser lets IndexError and others out, beside its own ValueError
        raise PeerAnswerError(
            f"page is not in Prometheus' text format: {_shortened(str(error) or repr(error))}"
        ) from error


def _collect(drafts: "dict[SeriesKey, _Draft]", sample: "Sample") -> None:
    labels = dict(sample.labels)
    bound = labels.pop("le", None) if sample.name == _BUCKET else None
    draft = drafts.setdefault(_key(labels), _Draft())
    value = _checked(sample)
    if sample.name == _BUCKET:
        _put(draft.within, _bound(sample, bound), int(value), sample)
    else:
        _put(draft.counters, sample.name, value, sample)


def _put(into: "dict[_Name, _Value]", name: "_Name", value: "_Value", sample: "Sample") -> None:
    if name in into:
        raise PeerAnswerError(f"{_shown(sample)} stands twice on the page")
    into[name] = value


def _key(labels: "Mapping[str, str]") -> SeriesKey:
    others = tuple(
        sorted((name, value) for name, value in labels.items() if name not in {"model", "version"})
    )
    return SeriesKey(labels.get("model", ""), labels.get("version", ""), others)


def _checked(sample: "Sample") -> float:
    value = float(sample.value)
    if not math.isfinite(value) or value < 0:
        raise PeerAnswerError(f"{_shown(sample)} must be a finite number >= 0, got {value!r}")
    return value


def _bound(sample: "Sample", text: str | None) -> float:
    try:
        bound = float(text or "")
    except ValueError:
        bound = math.nan
    if math.isnan(bound):
        raise PeerAnswerError(
            f"{_shown(sample)}: label 'le' must be a number of seconds or '+Inf', got {text!r}"
        )
    return bound


def _shown(sample: "Sample") -> str:
    labels = ",".join(f'{name}="{value}"' for name, value in sample.labels.items())
    return _shortened(f"{sample.name}{{{labels}}}")


def _shortened(text: str) -> str:
    """A peer's text, fit for a log line."""
    return text if len(text) <= 200 else f"{text[:200]}..."
