"""Which requests are predictions, and under which names."""

import pytest

from actors.recording.requests.paths import NOT_PREDICTIONS, Exclusions, Routes, Template, path_in_app
from tests.recording.asgi.served import Monitored, answering, ask, counting

UUID = "0b0b9a3e-6f0d-4f6b-9d51-2f3c1c7a9d10"


@pytest.mark.parametrize(
    ("template", "path", "parameters"),
    [
        pytest.param("/predict", "/predict", {}, id="literal"),
        pytest.param("/predict", "/predict/", None, id="slash-is-another-path"),
        pytest.param("/predict", "/predict\n", None, id="newline-is-another-path"),
        pytest.param("/v1.0", "/v1x0", None, id="dot-is-a-dot"),
        pytest.param("/predict/{model}", "/predict/fraud", {"model": "fraud"}, id="parameter"),
        pytest.param("/predict/{model}", "/predict/", None, id="parameter-is-not-empty"),
        pytest.param("/predict/{model}", "/predict/a/b", None, id="parameter-is-one-segment"),
        pytest.param("/{m}/v{v:int}", "/fraud/v12", {"m": "fraud", "v": "12"}, id="two-in-a-segment"),
        pytest.param("/{m}/v{v:int}", "/fraud/vx", None, id="int-is-digits"),
        pytest.param("/at/{x:float}", "/at/1.5", {"x": "1.5"}, id="float"),
        pytest.param("/of/{x:uuid}", f"/of/{UUID}", {"x": UUID}, id="uuid"),
        pytest.param("/in/{rest:path}", "/in/a/b", {"rest": "a/b"}, id="path-is-the-rest"),
        pytest.param("/in/{rest:path}", "/in/", {"rest": ""}, id="path-may-be-empty"),
    ],
)
def test_template_matches_as_the_framework_does(
    template: str, path: str, parameters: dict[str, str] | None
) -> None:
    assert Template(template).match(path) == parameters


def test_label_has_no_convertors() -> None:
    assert Template("/{name}/v{version:int}").label == "/{name}/v{version}"


@pytest.mark.parametrize(
    ("template", "says"),
    [
        pytest.param("predict", "must be a path that begins with '/'", id="relative"),
        pytest.param("/{a}/{a}", "names a parameter twice", id="twice"),
        pytest.param("/{a:word}", "'word' is no convertor; one of 'str', 'path'", id="convertor"),
    ],
)
def test_what_is_no_template_is_refused(template: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Template(template)


def test_literal_route_goes_before_one_with_parameters() -> None:
    routes = Routes(["/predict/{model}", "/predict/latest"])
    assert routes.match("/predict/latest") == ("/predict/latest", {})
    assert routes.match("/predict/fraud") == ("/predict/{model}", {"model": "fraud"})
    assert routes.match("/elsewhere") is None


@pytest.mark.parametrize(
    ("path", "is_excluded"),
    [
        ("/metrics", True),
        ("/health", True),
        ("/health/ready", True),
        ("/healthy", False),
        ("/docs/oauth2-redirect", True),
        ("/predict", False),
        ("/", False),
    ],
)
def test_probes_and_metrics_are_no_predictions(path: str, *, is_excluded: bool) -> None:
    assert (path in Exclusions(NOT_PREDICTIONS)) is is_excluded


def test_excluding_the_root_leaves_the_rest() -> None:
    assert "/" in Exclusions(["/"])
    assert "/predict" not in Exclusions(["/"])


@pytest.mark.parametrize(
    ("path", "root_path", "inside"),
    [
        ("/api/predict", "/api", "/predict"),
        ("/predict", "/api", "/predict"),
        ("/apiary", "/api", "/apiary"),
        ("/predict", "", "/predict"),
    ],
)
def test_path_is_what_the_routes_see(path: str, root_path: str, inside: str) -> None:
    assert path_in_app(path, root_path) == inside


async def routes_of(*paths: str, **options: object) -> set[tuple[str, str, str]]:
    """Whose predictions requests to these paths become."""
    monitor = Monitored()
    app = counting(answering(), monitor, **options)
    for path in paths:
        await ask(app, path)
    return set(monitor.counted())


async def test_only_declared_routes_are_predictions() -> None:
    found = await routes_of("/predict/fraud", "/train", "/health", routes=["/predict/{model}"])
    assert found == {("fraud", "", "/predict/{model}")}


async def test_model_and_version_come_from_the_route() -> None:
    options = {"routes": ["/{name}/v{number:int}"], "model": "{name}", "version": "{number}"}
    assert await routes_of("/fraud/v1", "/fraud/v2", "/spam/v1", **options) == {
        ("fraud", "1", "/{name}/v{number}"),
        ("fraud", "2", "/{name}/v{number}"),
        ("spam", "1", "/{name}/v{number}"),
    }


async def test_preflight_is_no_prediction() -> None:
    monitor = Monitored()
    app = counting(answering(), monitor)
    await ask(app, method="OPTIONS")
    assert monitor.counted() == {}


async def test_predicate_has_the_last_word() -> None:
    monitor = Monitored()
    app = counting(answering(), monitor, is_prediction=lambda scope: scope["method"] == "POST")
    await ask(app, method="GET")
    await ask(app, method="POST")
    assert [len(one["ok"]) for one in monitor.counted().values()] == [1]


async def test_predicate_is_asked_of_every_request_of_a_path() -> None:
    monitor, verdicts = Monitored(), iter([True, True, False])
    app = counting(answering(), monitor, routes=["/predict"], is_prediction=lambda _: next(verdicts))
    for _ in range(3):
        await ask(app)
    assert [len(one["ok"]) for one in monitor.counted().values()] == [2]


async def test_predicate_that_raises_costs_the_count_and_not_the_answer() -> None:
    monitor = Monitored()
    app = counting(answering(), monitor, is_prediction=lambda scope: scope["no such key"])
    assert len((await ask(app)).sent) == 2
    assert monitor.counted() == {}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param({"model": "{name}"}, "declare routes that have it", id="no-routes"),
        pytest.param(
            {"model": "{name}", "routes": ["/predict/{model}"]},
            r"route '/predict/\{model\}' has no parameter 'name'",
            id="route-without-it",
        ),
        pytest.param(
            {"version": "{v}", "routes": ["/{v}", "/predict"]}, "route '/predict' has no", id="one-without"
        ),
        pytest.param({"model": ""}, "must not be empty", id="no-name"),
        pytest.param({"max_series": 0}, "max_series must be above 0, got 0", id="no-room"),
    ],
)
def test_what_cannot_be_counted_is_refused_when_it_is_mounted(options: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        counting(answering(), None, **options)
