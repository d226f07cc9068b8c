"""A program whose only line of ours is the one at its model.

    slokeeper run --config examples/node.toml
    SLOKEEPER_CONFIG=examples/worker.toml opentelemetry-instrument python examples/instrumented.py 1 4 9 -1

`opentelemetry-instrument` starts the monitor before the program, beside whatever else it instruments. What
was predicted is pushed once more when the program ends: http://127.0.0.1:8080/metrics.
"""

import math
import sys

import actors


@actors.model("roots", version="1.0").observe
def root(number: float) -> float:
    """The model."""
    return math.sqrt(number)


def main(numbers: list[str]) -> None:
    """Print the root of each number that has one."""
    for number in numbers:
        try:
            print(f"{number}: {root(float(number))}")
        except ValueError as error:
            print(f"{number}: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
