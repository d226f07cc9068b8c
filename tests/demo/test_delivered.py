import pytest

from actors.demo.delivered import Delivery, accepted, duplicates, retry_gaps, still_open


def took(key: str, action: str, service: str = "slack", at: float = 0.0) -> Delivery:
    return Delivery(at, service, "accepted", key, action)


def limited(key: str, at: float, service: str = "slack") -> Delivery:
    return Delivery(at, service, "limited", key, "firing")


@pytest.mark.parametrize(
    ("deliveries", "repeated"),
    [
        pytest.param([took("a", "firing"), took("a", "resolved")], 0, id="fires-and-resolves"),
        pytest.param(
            [took("a", "firing"), took("a", "resolved"), took("a", "firing")],
            0,
            id="fires-again-after-a-resolve",
        ),
        pytest.param([took("a", "firing"), took("a", "firing")], 1, id="fires-twice-running"),
        pytest.param(
            [took("a", "firing"), took("b", "firing"), took("a", "firing")], 1, id="another-one-between"
        ),
        pytest.param([took("a", "firing"), took("a", "firing", "pagerduty")], 0, id="once-to-each-service"),
        pytest.param([took("a", "resolved")], 1, id="resolve-of-what-never-fired"),
        pytest.param([limited("a", 0.0), took("a", "firing")], 0, id="what-was-limited-was-not-told"),
    ],
)
def test_the_same_word_twice_running_is_a_duplicate(deliveries: list[Delivery], repeated: int) -> None:
    assert len(duplicates(deliveries)) == repeated


def test_an_alert_is_open_while_its_last_accepted_word_was_that_it_fires() -> None:
    deliveries = [took("a", "firing"), took("b", "firing"), took("a", "resolved"), limited("c", 1.0)]
    assert still_open(deliveries) == {("slack", "b")}


def test_only_what_the_service_took_counts_as_accepted() -> None:
    deliveries = [limited("a", 0.0), took("a", "firing"), took("a", "firing", "pagerduty")]
    assert accepted(deliveries, "slack") == [took("a", "firing")]


def test_the_gap_after_a_429_is_measured_to_the_next_request_of_the_same_service() -> None:
    deliveries = [limited("a", 1.0), took("b", "firing", "pagerduty", at=1.1), took("a", "firing", at=2.25)]
    assert retry_gaps(deliveries, "slack") == [1.25]


def test_a_429_that_was_never_followed_has_no_gap() -> None:
    assert retry_gaps([limited("a", 1.0)], "slack") == []
