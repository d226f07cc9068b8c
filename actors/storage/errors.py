"""The error a caller of the storage may want to catch."""


class StorageError(OSError):
    """The database could not be opened, or did not do what it was asked to; nothing was written by it."""


class DamagedError(StorageError):
    """The file holds something else than what was written to it."""
