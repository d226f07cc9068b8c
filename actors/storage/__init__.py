"""The SQLite database of a node: its tables, and the actor that is alone in writing to it."""

from actors.storage.database import Database
from actors.storage.errors import DamagedError, StorageError
from actors.storage.quarantine import Row, SetAside, insert, rows_of
from actors.storage.seal import seal, unseal
from actors.storage.storage import Storage, transact

__all__ = [
    "DamagedError",
    "Database",
    "Row",
    "SetAside",
    "Storage",
    "StorageError",
    "insert",
    "rows_of",
    "seal",
    "transact",
    "unseal",
]
