"""The example of a tree that heals does what it says."""

import subprocess
import sys

import pytest

from examples.tree_that_heals import Ledger, tree_spec, work
from supervisor import start_tree
from tests.examples.pages import ROOT


async def test_a_bad_batch_costs_itself_and_nothing_else() -> None:
    async with start_tree(tree_spec(Ledger())) as tree:
        assert await work(tree) == (10, 10)
        workers = tree.describe().children[0].children
        assert [one.id for one in workers] == ["left", "right"]
        assert workers[1].restarts == 0


async def test_a_killed_branch_costs_no_batch() -> None:
    """The ledger outlives it, and so do the mailboxes: what is sent meanwhile waits."""
    async with start_tree(tree_spec(Ledger())) as tree:
        assert await work(tree) == (10, 10)
        tree.kill("workers")
        assert await work(tree) == (20, 20)


@pytest.mark.realtime("a program of its own")
def test_program_prints_both_totals() -> None:
    program = ROOT / "examples" / "tree_that_heals.py"
    ran = subprocess.run(
        [sys.executable, program], cwd=ROOT, capture_output=True, text=True, check=False, timeout=30
    )
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[0] == "totals: 10 10"
    assert lines[-1] == "totals: 20 20"
    assert "left" in ran.stdout
