"""Settings as tables for people, and as plain values for programs."""

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from actors.cli.status import pairs
from actors.config import format_duration, format_percent
from actors.config.peer import place_of
from actors.slo.burn_rate import rules_for
from actors.slo.error_budget import budget_minutes
from actors.slo.objective import objective_from

if TYPE_CHECKING:
    from fractions import Fraction

    from rich.console import Console, RenderableType

    from actors.config import (
        ActionSettings,
        ObjectiveSettings,
        OtlpSettings,
        ReceiverSettings,
        RouteSettings,
        Secret,
        Settings,
        TracingSettings,
    )


def show(settings: "Settings", console: "Console", rules: "RenderableType") -> None:
    """All of it, for a person; `rules` stands below the objectives."""
    console.print(objective_table(settings))
    console.print(rules)
    for part in (route_tree, receiver_table, action_table, peer_table, push_line, trace_line):
        console.print(part(settings))


def objective_table(settings: "Settings") -> "RenderableType":
    """A row for each objective; the rules that could never fire stand below those that can."""
    if not settings.slos:
        return Text("no objectives: nothing is judged", "yellow")
    table = Table(title="objectives", title_justify="left", show_lines=True)
    for heading in ("objective", "series", "promise", "alerts when it burns faster than"):
        table.add_column(heading, overflow="fold")
    for slo in settings.slos:
        rules = rules_for(objective_from(slo))
        told = Text("\n".join(map(str, rules.kept)))
        told.append("".join(f"\nleft out: {reason}" for reason in rules.left_out), "yellow")
        promise = f"{format_percent(slo.objective)} of {format_duration(slo.window)}"
        table.add_row(
            Text(slo.name),
            Text(pairs(slo.match) + ("\neach " if slo.group_by else "") + ", ".join(slo.group_by)),
            f"{promise}\n{good_is(slo)}\nbudget {budget_of(slo)}",
            told,
        )
    return table


def good_is(slo: "ObjectiveSettings") -> str:
    """What counts as good, in words."""
    return "no failure" if slo.threshold is None else f"within {format_duration(slo.threshold)}"


def budget_of(slo: "ObjectiveSettings") -> str:
    """The error budget as time of total outage: 99.9 % of 30 days leave 43.2 minutes."""
    minutes = float(_budget_minutes(slo))
    if minutes < 1:
        return f"{minutes * 60:.3g} s"
    return f"{minutes:.3g} min" if minutes < 120 else f"{minutes / 60:.3g} h"


def route_tree(settings: "Settings") -> "RenderableType":
    """The routes as they are walked."""
    if settings.route is None:
        return Text("no route: nobody is told of any alert", "yellow")
    drawn = Tree(Text(f"every alert -> {settings.route.receiver}"), guide_style="dim")
    _grow(drawn, settings.route)
    return Group(Text("routes", "italic"), drawn)


def _grow(drawn: Tree, route: "RouteSettings") -> None:
    for each in route.routes:
        wanted = " and ".join(map(str, each.matchers)) or "any"
        goes_on = ", and on to the next" if each.continue_ else ""
        _grow(drawn.add(Text(f"{wanted} -> {each.receiver}{goes_on}")), each)


def receiver_table(settings: "Settings") -> "RenderableType":
    """The receivers; of their secrets only where they were found."""
    if not settings.receivers:
        return Text("no receivers", "dim")
    table = Table("receiver", "type", "secret", "time-out", title="receivers", title_justify="left")
    for one in settings.receivers:
        source = ", ".join(secret.source for secret in _secrets(one).values())
        table.add_row(Text(one.name), one.type, Text(source or "-"), format_duration(one.timeout))
    return table


def action_table(settings: "Settings") -> "RenderableType":
    """What is done when a budget is spent or burns too fast; of an address only where it was found."""
    if not settings.actions:
        return Text("no actions: nothing but alerts follows from a budget", "dim")
    headings = ("action", "when", "objectives", "does", "not again within")
    table = Table(*headings, title="actions", title_justify="left")
    for one in settings.actions:
        slos, cool_down = Text(", ".join(one.slos) or "all"), format_duration(one.cool_down)
        table.add_row(Text(one.name), Text(_occasion(one)), slos, Text(_deed(one)), cool_down)
    return table


def _occasion(one: "ActionSettings") -> str:
    if one.on == "exhausted":
        return "no budget is left"
    faster = "" if one.min_burn is None else f", above {one.min_burn:g} x"
    return f"a rule of severity page fires{faster}"


def _deed(one: "ActionSettings") -> str:
    return f"calls {one.python}" if one.webhook is None else f"posts to {one.webhook.source or 'its webhook'}"


def peer_table(settings: "Settings") -> "RenderableType":
    """The peers; their addresses may hold credentials, so only where they are is shown."""
    if not settings.peers:
        return Text("no peers: only what this process is told counts", "dim")
    table = Table("peer", "at", "read every", "time-out", title="peers", title_justify="left")
    for peer in settings.peers:
        every, timeout = format_duration(peer.scrape_every), format_duration(peer.timeout)
        table.add_row(Text(peer.name), Text(place_of(peer.url)), every, timeout)
    return table


def push_line(settings: "Settings") -> "RenderableType":
    """Where counts are pushed; of the headers only where they were found."""
    otlp = settings.otlp
    if otlp is None:
        return Text("no push: counts are shown at /metrics only", "dim")
    every = format_duration(otlp.push_every)
    headers = f", with headers from {otlp.headers.source}" if otlp.headers else ""
    return Text(f"counts of {otlp.service_name!r} are pushed to {otlp.endpoint} every {every}{headers}")


def trace_line(settings: "Settings") -> "RenderableType":
    """Which predictions are traced."""
    tracing = settings.tracing
    if tracing is None:
        return Text("no tracing: predictions make no spans", "dim")
    kept = f"slower than {format_duration(tracing.keep_slower_than)}"
    kept += " or failed" if tracing.keep_failed else ""
    to = tracing.endpoint or "wherever OpenTelemetry's environment says"
    return Text(
        f"{format_percent(tracing.sample_rate)} of predictions are traced, and what is {kept}; to {to}"
    )


def summary(settings: "Settings") -> dict[str, object]:
    """The same for programs; times in seconds."""
    return {
        "ok": True,
        "problems": [],
        "slos": [_slo(slo) for slo in settings.slos],
        "route": None if settings.route is None else _route(settings.route),
        "receivers": [_receiver(one) for one in settings.receivers],
        "actions": [_action(one) for one in settings.actions],
        "peers": [{"name": peer.name, "at": place_of(peer.url)} for peer in settings.peers],
        "otlp": None if settings.otlp is None else _otlp(settings.otlp),
        "tracing": None if settings.tracing is None else _tracing(settings.tracing),
    }


def _tracing(tracing: "TracingSettings") -> dict[str, object]:
    return {
        "sample_rate": tracing.sample_rate,
        "keep_slower_than": tracing.keep_slower_than,
        "keep_failed": tracing.keep_failed,
        "max_kept_per_second": tracing.max_kept_per_second,
        "endpoint": tracing.endpoint,
        "secrets": {"headers": tracing.headers.source} if tracing.headers else {},
    }


def _otlp(otlp: "OtlpSettings") -> dict[str, object]:
    return {
        "endpoint": otlp.endpoint,
        "push_every": otlp.push_every,
        "service_name": otlp.service_name,
        "secrets": {"headers": otlp.headers.source} if otlp.headers else {},
    }


def _slo(slo: "ObjectiveSettings") -> dict[str, object]:
    rules = rules_for(objective_from(slo))
    return {
        "name": slo.name,
        "sli": slo.sli,
        "match": dict(slo.match),
        "group_by": slo.group_by,
        "objective": slo.objective,
        "window": slo.window,
        "threshold": slo.threshold,
        "budget_minutes": float(_budget_minutes(slo)),
        "rules": [
            {
                "severity": rule.severity,
                "long_window": rule.long_window * 60,
                "short_window": rule.short_window * 60,
                "burn_rate": float(rule.burn_rate),
            }
            for rule in rules.kept
        ],
        "left_out": rules.left_out,
    }


def _route(route: "RouteSettings") -> dict[str, object]:
    return {
        "receiver": route.receiver,
        "matchers": [str(matcher) for matcher in route.matchers],
        "continue": route.continue_,
        "routes": [_route(each) for each in route.routes],
    }


def _receiver(one: "ReceiverSettings") -> dict[str, object]:
    return {
        "name": one.name,
        "type": one.type,
        "secrets": {name: secret.source for name, secret in _secrets(one).items()},
    }


def _action(one: "ActionSettings") -> dict[str, object]:
    return {
        "name": one.name,
        "on": one.on,
        "slos": one.slos,
        "min_burn": one.min_burn,
        "python": one.python or None,
        "cool_down": one.cool_down,
        "secrets": {"webhook_url": one.webhook.source} if one.webhook else {},
    }


def _secrets(one: "ReceiverSettings") -> "dict[str, Secret]":
    """Those that came from outside the file; PagerDuty's own address is none."""
    known = {"url": one.url, "routing_key": one.routing_key}
    return {name: secret for name, secret in known.items() if secret is not None and secret.source}


def _budget_minutes(slo: "ObjectiveSettings") -> "Fraction":
    objective = objective_from(slo)
    return budget_minutes(objective.error_budget, objective.window_minutes)
