"""`[[action]]`."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from actors.config.secrets import ADDRESS
from actors.config.settings import DAY, Secret
from actors.config.values import UnfitError, as_name, as_text, duration, nearest, one_of, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from actors.config.secrets import SecretSources
    from actors.config.table import Table
    from supervisor.clock import Seconds

Occasion: TypeAlias = Literal["exhausted", "fast_burn"]

OCCASIONS: Final[tuple[Occasion, ...]] = ("exhausted", "fast_burn")

_WORD = r"[^\W\d]\w*"
_FUNCTION = re.compile(rf"{_WORD}(\.{_WORD})*:{_WORD}(\.{_WORD})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionSettings:
    """`[[action]]`: what is done when a budget is spent, or burns too fast.

    Attributes:
        name: Unique; stands in the record of what was run.
        on: `exhausted`, no budget is left; `fast_burn`, a rule of severity page fires.
        slos: The objectives it looks at; empty looks at all.
        webhook: Where a JSON object is posted to; None where `python` is given.
        python: `package.module:function` that is called; "" where `webhook` is given.
        cool_down: From one run to the next for the same group of an objective, seconds, >= 0.
        min_burn: For `fast_burn`, burn rate over the long window of a rule that fires, which must be above
            it, > 0; None asks for none.
        timeout: For one attempt, seconds, > 0.
        give_up_after: Seconds from the decision after which a webhook is not tried again, > 0.
    """

    name: str
    on: Occasion
    slos: tuple[str, ...] = ()
    webhook: Secret | None = None
    python: str = ""
    cool_down: "Seconds" = 3600.0
    min_burn: float | None = None
    timeout: "Seconds" = 10.0
    give_up_after: "Seconds" = 3600.0


def read_action(table: "Table", secrets: "SecretSources", slos: "Sequence[str]") -> ActionSettings:
    """One action, whose objectives must be among `slos`."""
    default = ActionSettings(name="", on="exhausted")
    on: Occasion = table.needed("on", one_of(OCCASIONS), default.on, '"exhausted" or "fast_burn"')
    has_hook = any(table.has(f"webhook_url{end}") for end in ("", "_env", "_file"))
    python = table.optional("python", as_function, "")
    action = ActionSettings(
        name=table.needed("name", as_name, "", '"freeze-features"'),
        on=on,
        slos=table.optional("slos", _names(slos), ()),
        webhook=secrets.needed(table, "webhook_url", ADDRESS) if has_hook else None,
        python=python,
        cool_down=table.optional("cool_down", duration(0.0, 30 * DAY), default.cool_down),
        min_burn=table.optional("min_burn", as_rate, None),
        timeout=table.optional("timeout", duration(0.1, 600.0), default.timeout),
        give_up_after=table.optional("give_up_after", duration(1.0, 30 * DAY), default.give_up_after),
    )
    if has_hook == table.has("python"):
        both = (
            "and python must not both be set"
            if has_hook
            else "must be set, or python, package.module:function"
        )
        table.refuse("webhook_url_env", both)
    if on == "exhausted" and action.min_burn is not None and table.is_good("on"):
        table.refuse("min_burn", 'must not be set for on "exhausted" (on = "fast_burn"?)')
    table.rest_is_unknown()
    return action


def as_function(value: object) -> str:
    """Where a Python function is."""
    text = as_text(value)
    if not _FUNCTION.fullmatch(text):
        hint = ":".join(text.rsplit(".", 1)) if _FUNCTION.fullmatch(":".join(text.rsplit(".", 1))) else ""
        raise UnfitError(
            "must be 'package.module:function'", value, f"did you mean {hint!r}?" if hint else ""
        )
    return text


def as_rate(value: object) -> float:
    """A burn rate above 0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
        raise UnfitError("must be a burn rate above 0, such as 14.4", value)
    return float(value)


def _names(known: "Sequence[str]") -> "Callable[[object], tuple[str, ...]]":
    def convert(value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not value:
            raise UnfitError('must be an array of objectives such as ["fraud-availability"]', value)
        names = tuple(as_text(each) for each in value)
        for name in names:
            if name not in known:
                raise UnfitError("must name objectives of this file", name, nearest(name, known))
            if names.count(name) > 1:
                raise UnfitError(f"must name each objective once, and names {shown(name)} twice", value)
        return names

    return convert
