"""Write the pages that are made from code anew, and shorten the list of what is missing."""

from tests.conformance.table import (
    MISSING,
    PAGE,
    read_groups,
    read_holders,
    read_missing,
    render,
    still_missing,
)
from tests.telemetry import events_page

groups, holders = read_groups(), read_holders()
PAGE.write_text(render(groups, holders), encoding="utf-8")
MISSING.write_text(
    "".join(f"{one}\n" for one in still_missing(groups, holders, read_missing())), encoding="utf-8"
)
events_page.PAGE.write_text(events_page.render(), encoding="utf-8")
