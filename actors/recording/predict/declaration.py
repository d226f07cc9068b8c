"""What is said of a model once, for all of its predictions."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Declaration:
    """What may differ from call to call, and how far.

    Attributes:
        per_call: Names of the labels that are known at the call only, as `tenant`.
        max_series: So many different sets of their values have series of their own, >= 1; the others share
            one whose values are `__overflow__`.
        invalid: Types of exceptions by which the model refuses its input; such a prediction is in no total.

    Raises:
        ValueError: A name stands there twice, or `max_series` is less than 1.
        TypeError: A thing in `invalid` is no type of exceptions.
    """

    per_call: tuple[str, ...] = ()
    max_series: int = 100
    invalid: tuple[type[Exception], ...] = ()

    def __post_init__(self) -> None:
        names: object = self.per_call
        if isinstance(names, str):  # one name without its comma
            raise TypeError(f"per_call must be a tuple of names, got {self.per_call!r}")
        if len(set(self.per_call)) < len(self.per_call):
            raise ValueError(f"per_call must name each label once, got {self.per_call!r}")
        if self.max_series < 1:
            raise ValueError(f"max_series must be at least 1, got {self.max_series!r}")
        types: tuple[object, ...] = self.invalid
        for one in types:
            if not (isinstance(one, type) and issubclass(one, Exception)):
                raise TypeError(f"invalid must hold types of exceptions, got {one!r}")
