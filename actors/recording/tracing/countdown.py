"""How many predictions pass before the next one is sampled."""

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random


def gap(rate: float, dice: "Random") -> float:
    """Draw how many are passed over before the next one.

    Drawn once for each sampled prediction and counted down by the others, it samples each of them with
    probability `rate` and independently of all others, as if dice had been thrown for each.

    Args:
        rate: Share that is sampled, 0..1.
        dice: Where the draw comes from.

    Returns:
        A whole number >= 0, or infinity if none is to be sampled.

    Source:
        The geometric distribution by inversion, "Non-Uniform Random Variate Generation", Devroye, X.2.
    """
    if rate <= 0.0:
        return math.inf
    if rate >= 1.0:
        return 0.0
    # 1 - random() lies in (0, 1], so that its logarithm exists.
    drawn = math.log(1.0 - dice.random()) / math.log1p(-rate)
    return math.floor(drawn) if drawn < math.inf else drawn
