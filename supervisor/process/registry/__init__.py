"""Names that actors claim at run time: the tables of a registry, and what is done with them.

The actors that keep a registry stand in `supervisor.tree.registry`.
"""

from supervisor.process.registry.messages import Registered, Unregistered
from supervisor.process.registry.registrar import Registrar
from supervisor.process.registry.registry_ref import RegistryRef
from supervisor.process.registry.table import Entry
from supervisor.process.registry.tables import Keys, Tables
from supervisor.process.registry.via import Name, Via, is_name

__all__ = [
    "Entry",
    "Keys",
    "Name",
    "Registered",
    "Registrar",
    "RegistryRef",
    "Tables",
    "Unregistered",
    "Via",
    "is_name",
]
