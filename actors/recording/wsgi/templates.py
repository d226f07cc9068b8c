"""Which of the application's routes answered a request, told from what its router left in the environ."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment


def template_of(environ: "WSGIEnvironment") -> str | None:
    """The template of the route that took a request, as it was declared; None where nobody says.

    Source:
        Werkzeug puts each request into its environ, and Flask the matched rule into the request; Bottle puts
        its route there. Django and Falcon leave nothing: declare `routes` for them.
    """
    for holder in (getattr(environ.get("werkzeug.request"), "url_rule", None), environ.get("bottle.route")):
        template = getattr(holder, "rule", None)
        if isinstance(template, str) and template:
            return template
    return None
