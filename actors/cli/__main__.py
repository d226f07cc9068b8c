"""`python -m actors.cli` is `slokeeper`."""

from actors.cli.program import main

main(prog_name="slokeeper")
