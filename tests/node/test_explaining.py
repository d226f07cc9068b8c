"""`/api/v1/slos/{name}/explain`, and the command that asks it."""

from typing import TYPE_CHECKING

import httpx

from actors.node import ExplainEndpoint, create_app
from tests.node.views import StaticView

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actors.node.view import Rows


def explains(slo: str, labels: "Mapping[str, str]") -> "Rows | None":
    return [{"name": slo, "group": dict(labels), "text": "why"}] if slo == "a/b c" else None


async def ask(path: str) -> httpx.Response:
    app = create_app(StaticView(), explanations=ExplainEndpoint(explains))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://node") as client:
        return await client.get(path)


async def test_groups_with_the_labels_are_explained() -> None:
    answer = await ask("/api/v1/slos/a%2Fb%20c/explain?version=2")
    assert answer.json() == {"explanations": [{"name": "a/b c", "group": {"version": "2"}, "text": "why"}]}


async def test_an_objective_that_is_not_there_is_not_found() -> None:
    answer = await ask("/api/v1/slos/other/explain")
    assert (answer.status_code, answer.json()) == (404, {"error": "there is no objective 'other'"})


async def test_a_node_without_explanations_has_no_such_path() -> None:
    app = create_app(StaticView())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://node") as client:
        assert (await client.get("/api/v1/slos/fraud/explain")).status_code == 404
