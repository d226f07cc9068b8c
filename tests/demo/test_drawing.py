import pytest
from rich.console import Console

from actors.demo.drawing import bar, curve, tree_of


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        pytest.param([0.0, 0.5, 0.99, 1.0], "▁▅██", id="from-nothing-to-full"),
        pytest.param([7.0, -1.0], "█▁", id="beyond-the-scale"),
        pytest.param([None, 0.5], " ▅", id="unknown-leaves-a-gap"),
        pytest.param([0.0, 0.0, 0.5, 0.5, 0.5], "▁▅▅▅", id="only-the-last-ones"),
        pytest.param([], "", id="nothing-yet"),
    ],
)
def test_a_curve_has_one_block_a_value(values: list[float | None], drawn: str) -> None:
    assert curve(values, width=4, top=1.0) == drawn


@pytest.mark.parametrize(
    ("share", "drawn"),
    [
        pytest.param(1.0, "████", id="whole"),
        pytest.param(0.5, "██░░", id="half"),
        pytest.param(-3.0, "░░░░", id="overspent"),
        pytest.param(None, "????", id="unknown"),
    ],
)
def test_a_bar_is_as_full_as_its_share(share: float | None, drawn: str) -> None:
    assert bar(share, 4) == drawn


def test_a_tree_shows_every_actor_what_it_does_and_its_restarts() -> None:
    recorder = {"id": "recorder", "state": "running", "restarts": 2, "children": []}
    scraper = {"id": "peer [1]", "state": "restarting", "restarts": 0, "children": []}
    root = {"id": "root", "state": "running", "restarts": 0, "children": [recorder, scraper]}
    console = Console(width=40, color_system=None)
    with console.capture() as told:
        console.print(tree_of(root))
    assert [line.rstrip() for line in told.get().splitlines()] == [
        "root",
        "├── recorder ↻2",
        "└── peer [1] restarting",
    ]
