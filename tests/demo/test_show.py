from actors.demo.delivered import Delivery
from actors.demo.picture import Objective, Picture
from actors.demo.plan import AVAILABILITY, LATENCY
from actors.demo.show import HISTORY, Show, in_words
from actors.demo.story import STORY


def look(p99: float | None, burn: float) -> Picture:
    rows = (
        Objective(AVAILABILITY, "v2", 1, 1, {}, 1.0, p99),
        Objective(LATENCY, "v2", 1, 1, {"1h": burn, "6h": 99.0}, 1.0, p99),
    )
    return Picture(at=0.0, objectives=rows)


def test_a_look_draws_each_curve_on_by_one_value() -> None:
    """Both objectives know p99; it is drawn once."""
    show = Show(STORY)
    show.look(look(0.002, 0.5))
    show.look(look(None, 14.5))
    assert list(show.curves["p99", "v2"]) == [0.002, None]
    assert list(show.curves[LATENCY, "v2"]) == [0.5, 14.5]
    assert list(show.curves[AVAILABILITY, "v2"]) == [None, None]


def test_a_curve_forgets_what_no_longer_fits() -> None:
    show = Show(STORY)
    for _ in range(HISTORY + 5):
        show.look(look(0.1, 1.0))
    assert len(show.curves["p99", "v2"]) == HISTORY


def test_after_the_last_act_none_is_on() -> None:
    assert Show(STORY).act is STORY[0]
    assert Show(STORY, position=len(STORY)).act is None


def test_a_delivery_in_words_says_who_answered_what() -> None:
    taken = Delivery(0.0, "pagerduty", "accepted", "abc", "firing", "digits-latency burns")
    assert in_words(taken) == "PagerDuty took: firing · digits-latency burns"
    limited = Delivery(0.0, "slack", "limited", "abc", "firing", "digits-latency burns")
    assert in_words(limited) == "Slack answered 429, Retry-After 1 s: firing · digits-latency burns"
    refused = Delivery(0.0, "slack", "refused", problems=("text is empty", "blocks are many"))
    assert in_words(refused) == "Slack refused: text is empty; blocks are many"


def test_a_resolve_without_a_title_is_told_by_its_key() -> None:
    """A resolve to PagerDuty carries nothing but its key."""
    assert in_words(Delivery(0.0, "pagerduty", "accepted", "0123456789abcdef", "resolved")).endswith(
        "resolved · 0123456789ab"
    )
