"""What a node logs, how, and what it never logs."""

import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pytest
import structlog
from opentelemetry.sdk.trace import TracerProvider
from structlog.testing import capture_logs

from actors import Monitor, add_trace_ids
from actors.application import Application
from actors.application.logs import configure_logging
from actors.application.prediction_log import predictions_logged
from actors.config import NodeSettings, OtlpSettings, Secret, Settings, TracingSettings
from actors.recording import Declaration, Model, SeriesKey
from supervisor import telemetry
from tests.application.nodes import MODEL, settings, totals
from tests.recording.predict.counted import Unfit

KEY = SeriesKey("fraud", "2.1.0")
CARD = "4111-1111-1111-1111"
TOKEN = "hunter4hunter4"
SHORT = 1440.0  # a nominal minute passes in 42 ms


@pytest.fixture
def configured() -> Iterator[None]:
    """Leaves logging as it was before."""
    before, root = structlog.get_config(), logging.getLogger()
    handlers = root.handlers[:]
    yield
    structlog.configure(**before)
    root.handlers[:] = handlers
    with suppress(telemetry.HandlerNotFoundError):
        telemetry.detach("supervisor-structlog")


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


# --- ids of traces ------------------------------------------------------------------------------------------


def test_line_within_a_span_has_its_ids_and_one_outside_has_none() -> None:
    tracer = TracerProvider(shutdown_on_exit=False).get_tracer("test")
    with tracer.start_as_current_span("POST") as span:
        inside = dict(add_trace_ids(None, "info", {"event": "it"}))
    context = span.get_span_context()
    assert inside == {
        "event": "it",
        "trace_id": f"{context.trace_id:032x}",
        "span_id": f"{context.span_id:016x}",
    }
    assert add_trace_ids(None, "info", {"event": "it"}) == {"event": "it"}


def test_ids_that_a_line_has_already_are_kept() -> None:
    tracer = TracerProvider(shutdown_on_exit=False).get_tracer("test")
    with tracer.start_as_current_span("POST"):
        assert add_trace_ids(None, "info", {"trace_id": "mine"})["trace_id"] == "mine"


def test_looking_for_ids_does_not_import_opentelemetry() -> None:
    program = """
import sys
from actors.application.logs import add_trace_ids
assert add_trace_ids(None, "info", {}) == {}
assert not [name for name in sys.modules if name.startswith("opentelemetry")]
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=50)


# --- the command's own logging ------------------------------------------------------------------------------


@pytest.mark.usefixtures("configured")
def test_what_libraries_log_comes_in_the_same_form_and_without_what_exceptions_say(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging(NodeSettings(log="json"))
    configure_logging(NodeSettings(log="json"))  # again changes nothing
    logging.getLogger("library.part").error("it failed", exc_info=ValueError(CARD))
    logging.getLogger("library").info("it goes on")
    (line,) = lines(capsys.readouterr().err)
    assert (line["event"], line["logger"], line["said"]) == ("library", "library.part", "it failed")
    assert (line["level"], line["error"]) == ("error", "ValueError")
    assert CARD not in str(line)


@pytest.mark.realtime("a monitor in a thread of its own")
def test_embedded_monitor_leaves_the_logging_of_its_process_alone() -> None:
    before, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    node = replace(settings(), node=NodeSettings(listen="", data_dir="", log="json", log_level="debug"))
    with Monitor(replace(node, tracing=TracingSettings())) as monitor:
        monitor.model("fraud").observe(lambda: None)()
        assert structlog.get_config() == before
        assert (root.handlers, root.level) == (handlers, level)


# --- predictions --------------------------------------------------------------------------------------------


def test_prediction_is_a_line_at_debug_with_its_outcome() -> None:
    model = Model(KEY, Declaration(invalid=(ValueError,)))
    with capture_logs() as logs, predictions_logged():
        model.observe(lambda: 1)()
        with model.span(input_size=9) as span:
            span.invalid()
        for error in (Unfit(CARD), ValueError(CARD)):
            with suppress(Unfit, ValueError), model.span():
                raise error
    told = [(line["event"], line["log_level"], line["outcome"], line.get("error")) for line in logs]
    assert told == [
        ("prediction", "debug", "ok", None),
        ("prediction", "debug", "invalid", None),
        ("prediction", "debug", "error", "Unfit"),
        ("prediction", "debug", "invalid", "ValueError"),
    ]
    assert all((line["model"], line["version"]) == ("fraud", "2.1.0") for line in logs)
    assert all(float(str(line["seconds"])) >= 0 for line in logs)
    assert CARD not in str(logs)


@pytest.mark.realtime("spans are made in a thread")
async def test_predictions_are_logged_during_a_run_and_only_if_that_is_asked_for() -> None:
    quiet = settings()
    for node in (quiet, replace(quiet, node=replace(quiet.node, log_predictions=True))):
        application = Application(node)
        score = application.recordings.model(MODEL, "1").observe(lambda: None)
        with capture_logs() as logs:
            async with application.running():
                score()
            score()
        found = [line for line in logs if line["event"] == "prediction"]
        assert len(found) == node.node.log_predictions
        assert not telemetry.has_handlers(("model", "predict", "stop"))


@pytest.mark.usefixtures("configured")
@pytest.mark.realtime("spans are made in a thread")
async def test_line_of_a_sampled_prediction_has_the_ids_of_its_trace(
    capsys: pytest.CaptureFixture[str],
) -> None:
    base = settings()
    node = replace(base.node, log="json", log_level="debug", log_predictions=True)
    configure_logging(node)
    tracing = TracingSettings(sample_rate=1.0, endpoint="http://127.0.0.1:1", timeout=0.1)
    async with Application(replace(base, node=node, tracing=tracing)).running() as application:
        model = application.recordings.model(MODEL, "1")
        with model.span():
            structlog.get_logger().info("within")
    found = [line for line in lines(capsys.readouterr().err) if line["event"] in {"within", "prediction"}]
    assert [line["event"] for line in found] == ["within", "prediction"]
    assert len({line["trace_id"] for line in found}) == 1


# --- what is never logged -----------------------------------------------------------------------------------


def talking_to_nobody() -> Settings:
    """Everything that is sent holds a secret, goes nowhere and is logged, as are all predictions."""
    base = settings(hook=f"http://127.0.0.1:1/{TOKEN}", time_factor=SHORT)
    nowhere, headers = "http://127.0.0.1:1", Secret(f"authorization=Bearer%20{TOKEN}")
    return replace(
        base,
        node=replace(base.node, log="json", log_level="debug", log_predictions=True),
        otlp=OtlpSettings(endpoint=nowhere, headers=headers, push_every=0.1, timeout=0.1),
        tracing=TracingSettings(sample_rate=0.5, endpoint=nowhere, headers=headers, timeout=0.1),
    )


async def predict_with_cards(application: Application) -> None:
    """Half of them in vain, and their exceptions quote the card; then everything has been judged and sent."""
    model = application.recordings.model(MODEL, "1")

    @model.observe
    def score(card: str) -> str:
        if len(card) % 2:
            raise Unfit(f"unfit: {card}", model)
        return f"fraud: {card}"

    for number in range(60):
        with suppress(Unfit), model.span() as span, span.stage("inference"):
            score(CARD + "x" * (number % 2))
    application.supervision.kill("recording/recorder")
    async with asyncio.timeout(20.0):
        while totals(application, "availability")[1] < 120:  # noqa: ASYNC110  a judgement tells nobody
            await asyncio.sleep(0.05)
        while not (await application.outbox_counts()).get("hook"):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    await asyncio.sleep(1.5)  # spans are sent every second


@pytest.mark.usefixtures("configured")
@pytest.mark.realtime("real sockets on the loopback, and spans made in a thread")
async def test_no_secret_no_input_and_no_output_is_in_anything_that_a_run_logs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = talking_to_nobody()
    configure_logging(told.node)
    telemetry.attach_structlog()
    async with Application(told).running() as application:
        await predict_with_cards(application)
    text = capsys.readouterr().err
    events = {str(line["event"]) for line in lines(text)}
    assert {"prediction", "library", "child ended, restarting", "notification not delivered yet"} <= events
    assert [planted for planted in (CARD, TOKEN) if planted in text] == []
