"""The objectives as rules for Prometheus: the same promises, judged by an engine that exists."""

from actors.export.exported import Exported, as_file, export
from actors.export.rule_file import FORMS, Form

__all__ = ["FORMS", "Exported", "Form", "as_file", "export"]
