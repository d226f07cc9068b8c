"""What became of the predictions that were to be traced."""

from dataclasses import dataclass


@dataclass(slots=True)
class TracingCounts:
    """Whole numbers that only rise.

    Attributes:
        sampled: Predictions recorded because they were sampled.
        kept: Predictions recorded because they were slow or failed.
        over_limit: Slow or failed ones that were not kept: too many in their second.
        dropped: Recorded ones that were dropped because too many waited to be made into spans.
        broken: Recorded ones of which no spans could be made, and steps of recording that failed.
        made: Spans handed to our exporter's queue; 0 where the application has a provider of its own.
        sent: Of those, spans that a collector took.
        unsent: Of those, spans that none took.
    """

    sampled: int = 0
    kept: int = 0
    over_limit: int = 0
    dropped: int = 0
    broken: int = 0
    made: int = 0
    sent: int = 0
    unsent: int = 0
