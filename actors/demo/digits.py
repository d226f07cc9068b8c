"""The demo's model: two small classifiers of handwritten digits, really trained on really written digits."""

import pickle
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    Images: TypeAlias = NDArray[np.float64]
    Labels: TypeAlias = NDArray[np.int64]

VERSIONS: Final = ("v1", "v2")
PIXELS: Final = 64
MAX_INK: Final = 16.0
HELD_OUT_SHARE: Final = 0.3


class ScikitLearnMissingError(ImportError):
    """The demo was asked for where its optional dependency is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "demo: needs scikit-learn, which is not installed; install it with: pip install 'slokeeper[demo]'"
        )


class Classifier(Protocol):
    """What scikit-learn's estimators have in common, as far as the demo goes."""

    def fit(self, images: "Images", labels: "Labels") -> object:
        """Learn."""
        ...

    def predict(self, images: "Images") -> "Labels":
        """One digit for each row of pixels."""
        ...


@dataclass(frozen=True, slots=True)
class Lesson:
    """What came of the training.

    Attributes:
        classifiers: By version: "v1" is a logistic regression, "v2" a support-vector machine.
        images: The held-out images, one row of 64 pixels in 0..16 each; no classifier has seen them.
        labels: The digits they show.
        accuracy: By version, share of the held-out images told right, 0..1.
    """

    classifiers: dict[str, Classifier]
    images: "Images"
    labels: "Labels"
    accuracy: dict[str, float]


def train(seed: int) -> Lesson:
    """Train both versions; takes about a second.

    Args:
        seed: Decides which images are held out.

    Raises:
        ScikitLearnMissingError: scikit-learn is not installed.

    Source:
        scikit-learn's `load_digits`: 1,797 images of 8 by 8 pixels, the test set of the UCI collection
        "Optical Recognition of Handwritten Digits"; it comes with the library.
    """
    try:
        # An optional dependency, and a second of imports.
        from sklearn.datasets import load_digits  # noqa: PLC0415
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
        from sklearn.model_selection import train_test_split  # noqa: PLC0415
        from sklearn.svm import SVC  # noqa: PLC0415
    except ImportError as error:
        raise ScikitLearnMissingError from error
    images, labels = load_digits(return_X_y=True)
    seen, held_out, seen_labels, held_out_labels = train_test_split(
        images, labels, test_size=HELD_OUT_SHARE, random_state=seed, stratify=labels
    )
    classifiers: dict[str, Any] = {"v1": LogisticRegression(max_iter=200), "v2": SVC(C=10.0)}
    for classifier in classifiers.values():
        classifier.fit(normalise(seen), seen_labels)
    return Lesson(
        classifiers,
        held_out,
        held_out_labels,
        {version: _accuracy(one, held_out, held_out_labels) for version, one in classifiers.items()},
    )


def normalise(images: "Images") -> "Images":
    """Ink of 0..16 as 0..1."""
    return images / MAX_INK


def save(classifier: Classifier, path: "Path") -> None:
    """Write a trained classifier to a file of one's own."""
    path.write_bytes(pickle.dumps(classifier))


def load(path: "Path") -> Classifier:
    """Read what `save` wrote; the file must be one's own, since reading it runs what stands in it."""
    classifier: Classifier = pickle.loads(path.read_bytes())  # noqa: S301  written by our own parent process
    return classifier


def _accuracy(classifier: Classifier, images: "Images", labels: "Labels") -> float:
    return float((classifier.predict(normalise(images)) == labels).mean())
