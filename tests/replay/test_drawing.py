"""Curves in a terminal, and as a picture."""

import sys
from pathlib import Path

import pytest

from actors.replay import SourceError
from actors.replay.drawing import braille, marks
from actors.replay.plot import plot
from tests.replay.traffics import collected, replayed, steady


def test_curve_falls_from_the_upper_left_to_the_lower_right() -> None:
    lines = braille([1.0, 1.0, 0.0, 0.0], width=2, height=2, low=0.0, high=1.0)
    assert [line[0] for line in lines] == ["⠉", "⠀"]
    assert lines[1][1] == "⣇"


def test_gap_is_left_blank() -> None:
    assert braille([float("nan")] * 4, width=2, height=1, low=0.0, high=1.0) == ["⠀⠀"]


def test_what_is_below_is_drawn_at_the_edge() -> None:
    assert braille([-9.0, -9.0], width=1, height=1, low=0.0, high=1.0) == ["⣀"]


def test_marks_stand_where_they_belong() -> None:
    assert marks([(0.0, "t"), (0.5, "P"), (1.0, "P")], 4) == "t PP"


def test_picture_is_written(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the extra 'plot' is not installed")
    found = replayed(
        collected([*steady(0, 1000, 100), *steady(500, 1000, 20), *steady(0, 1000, 80)]), points=50
    )
    assert found.episodes
    plot(found, tmp_path / "replay.png")
    plot(found, tmp_path / "replay.svg")
    assert (tmp_path / "replay.png").read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in (tmp_path / "replay.svg").read_bytes()


def test_picture_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the extra 'plot' is not installed")
    found = replayed(collected(steady(0, 10, 10)), points=5)
    with pytest.raises(SourceError, match="cannot be written"):
        plot(found, tmp_path / "nowhere" / "replay.png")
    with pytest.raises(SourceError, match="cannot be written: Format 'xyz' is not supported"):
        plot(found, tmp_path / "replay.xyz")


def test_missing_matplotlib_is_said_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(SourceError, match=r"pip install 'slokeeper\[plot\]'"):
        plot(replayed(collected(steady(0, 10, 10)), points=5), tmp_path / "replay.png")
