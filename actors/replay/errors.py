"""What keeps recorded traffic from being read."""


class SourceError(ValueError):
    """A source, a row or a value that cannot be used; says where it is, and what would be right."""
