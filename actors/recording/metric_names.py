"""What the metrics of a series are called, and what they tell; the same on the page and in a push."""

from typing import Final

COUNTERS: Final = {
    "model_requests": "Predictions, failed ones included.",
    "model_errors": "Predictions that failed.",
    "model_cancelled": "Predictions that were cancelled; no requests.",
    "model_invalid": "Predictions whose input was refused; no requests.",
}
"""In the order in which the totals of a series tell them: `SeriesTotals.counted`."""

LATENCY: Final = ("model_latency_seconds", "How long successful predictions took.")
FIRST_ITEM: Final = (
    "model_time_to_first_item_seconds",
    "How long predictions of several items took to the first.",
)
