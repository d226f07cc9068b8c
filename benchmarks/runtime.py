"""What the supervision runtime costs, beside the actor libraries of Python, bare asyncio and the BEAM.

    python -m benchmarks.runtime [--json] [--peers a,b] [--scenarios a,b] [--repeat 5] [--quick] [--write]

Every contender does every scenario that it can do at all, each time in a fresh process on one core; in every
repetition they take another order. The figures are medians. What is not installed is left out, and said so:
`pip install slokeeper[bench]` brings the peers, Debian's `elixir` the BEAM.
"""

import argparse
import json
import sys
from random import Random
from typing import TYPE_CHECKING, Final

from rich.console import Console

from benchmarks.contenders import CONTENDERS, OURS, default_core, run
from benchmarks.results import Results
from benchmarks.scenarios import SCENARIOS
from benchmarks.showing import everybody, goals, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.contenders import Contender
    from benchmarks.scenarios import Scenario


WIDTH: Final = 170
"""Of the tables where there is no terminal that would tell."""


def measured(options: argparse.Namespace) -> Results:
    """Have everybody who is there do everything, as often as was asked for."""
    wanted = [one for one in CONTENDERS if one.name == OURS or not options.peers or one.name in options.peers]
    results = Results([one for one in wanted if one.missing is None])
    results.remarks += [
        f"{one.name} skipped: {one.missing} is not installed" for one in wanted if one.missing
    ]
    dice, console = Random(0), Console(stderr=True)
    chosen = [one for one in SCENARIOS if not options.scenarios or one.name in options.scenarios]
    for one in [one for one in chosen if one.missing]:
        results.remarks.append(f"{one.name} skipped: {one.missing} is not installed")
        chosen.remove(one)
    with console.status("measuring") as status:
        for repetition in range(options.repeat):
            for scenario in chosen:
                status.update(f"repetition {repetition + 1} of {options.repeat}: {scenario.name}")
                for contender in _in_some_order(results, scenario, dice):
                    outcome = run(contender, scenario, core=options.core, is_quick=options.quick)
                    results.add(contender, scenario, outcome)
    return results


def _in_some_order(results: Results, scenario: "Scenario", dice: Random) -> "Sequence[Contender]":
    able = [one for one in results.contenders if results.wants(one, scenario)]
    return dice.sample(able, len(able))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.runtime", description=(__doc__ or "").split("\n")[0]
    )
    names = ", ".join(one.name for one in CONTENDERS if one.name != OURS)
    parser.add_argument("--json", action="store_true", help="one line for each figure instead of tables")
    parser.add_argument("--peers", type=_listed, default=(), help=f"only these beside ours: {names}")
    parser.add_argument("--scenarios", type=_listed, default=(), help="only these")
    parser.add_argument("--repeat", type=int, default=5, help="how often everything is done (5)")
    parser.add_argument("--quick", action="store_true", help="hardly any work: only proves that it runs")
    parser.add_argument("--core", type=int, default=default_core(), help="on which core (the last)")
    parser.add_argument("--write", action="store_true", help="put the tables into benchmarks/RESULTS.md")
    return parser.parse_args()


def _listed(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(",")))


def main() -> None:
    """Measure, and tell."""
    options = _options()
    results = measured(options)
    if options.write:
        write(results, options.repeat)
    if options.json:
        for one in results.figures():
            line = {
                "name": one.name,
                "value": one.value,
                "unit": one.unit,
                "peer": one.peer,
                "ratio": one.ratio,
            }
            print(json.dumps(line, ensure_ascii=False))
        return
    console = Console() if sys.stdout.isatty() else Console(width=WIDTH)
    console.print(goals(results).as_rich(), everybody(results).as_rich())
    for remark in results.remarks:
        console.print(remark, highlight=False)


if __name__ == "__main__":
    main()
