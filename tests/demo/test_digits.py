import sys
from pathlib import Path

import pytest

from actors.demo import digits


@pytest.fixture(scope="module")
def lesson() -> digits.Lesson:
    return digits.train(seed=3)


@pytest.mark.parametrize("version", digits.VERSIONS)
def test_a_classifier_tells_most_digits_right_that_it_has_not_seen(
    lesson: digits.Lesson, version: str
) -> None:
    assert lesson.accuracy[version] > 0.93


def test_the_held_out_images_are_whole_and_unscaled(lesson: digits.Lesson) -> None:
    """They are sent as they were written: the server scales them."""
    assert lesson.images.shape == (540, digits.PIXELS)
    assert (lesson.images.min(), lesson.images.max()) == (0.0, digits.MAX_INK)
    assert len(lesson.labels) == 540


def test_the_seed_decides_what_is_held_out(lesson: digits.Lesson) -> None:
    assert (digits.train(seed=3).images == lesson.images).all()
    assert (digits.train(seed=4).images != lesson.images).any()


def test_a_saved_classifier_answers_as_before(lesson: digits.Lesson, tmp_path: Path) -> None:
    before = lesson.classifiers["v2"]
    digits.save(before, tmp_path / "v2")
    images = digits.normalise(lesson.images)
    assert (digits.load(tmp_path / "v2").predict(images) == before.predict(images)).all()


def test_without_scikit_learn_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(digits.ScikitLearnMissingError, match=r"pip install 'slokeeper\[demo\]'"):
        digits.train(seed=0)
