"""Names, and keys of registries."""

from supervisor.errors.base import SupervisorError


class AlreadyRegisteredError(SupervisorError, ValueError):
    """The name belongs to a living actor."""

    def __init__(self, name: object, owner: object) -> None:
        self.name, self.owner = name, owner
        super().__init__(f"name {name!r} is taken by {owner!r}; stop it first or choose another")


class BadNameError(SupervisorError, ValueError):
    """What nobody can be found by."""

    def __init__(self, what: str, wanted: str, got: object) -> None:
        self.got = got
        super().__init__(f"{what} must {wanted}, got {got!r}")


class RegistryNotFoundError(SupervisorError, LookupError):
    """No registry of that name runs."""

    def __init__(self, registry: str, known: "tuple[str, ...]" = ()) -> None:
        self.registry, self.known = registry, known
        hint = f"; there are {', '.join(map(repr, known))}" if known else ""
        super().__init__(f"no registry {registry!r} runs{hint}")


class RegistryKeysError(SupervisorError, ValueError):
    """A registry of duplicate keys was asked for what only unique ones can give."""

    def __init__(self, registry: str, wanted: str) -> None:
        self.registry, self.wanted = registry, wanted
        super().__init__(f"registry {registry!r} has duplicate keys; {wanted} needs unique ones")


class KeyNotOwnedError(SupervisorError, LookupError):
    """An actor may change only what it has registered itself."""

    def __init__(self, registry: str, key: object, actor: object) -> None:
        self.registry, self.key, self.actor = registry, key, actor
        super().__init__(f"key {key!r} of registry {registry!r} does not belong to {actor!r}")


class OwnerEndedError(SupervisorError, RuntimeError):
    """An actor that was abandoned, and still runs, has claimed a key."""

    def __init__(self, actor: object, registry: str) -> None:
        self.actor, self.registry = actor, registry
        super().__init__(f"{actor!r} has ended; it can have no key of registry {registry!r}")


class LockHeldError(SupervisorError, RuntimeError):
    """Whoever asks for a lock holds it, and would have waited for itself for ever."""

    def __init__(self, key: object) -> None:
        self.key = key
        super().__init__(f"the lock of {key!r} is held by whoever asks for it; do not nest its blocks")
