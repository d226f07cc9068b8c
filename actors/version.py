"""The version of slokeeper, in one place."""

__version__ = "0.1.0"
