"""The node as a whole: what its actors share, the tree they stand in, and the program that runs it."""

from actors.application.application import Application
from actors.application.program import run_node

__all__ = ["Application", "run_node"]
