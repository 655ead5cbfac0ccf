"""For those who run the system: /healthz, /readyz, /metrics."""

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from helpdesk import migrate
from helpdesk.queries import health
from helpdesk.queries.channel_alarms import alarms
from helpdesk.runtime import DATABASE_AWAY
from helpdesk.views.access import public, runtime

bp = Blueprint("operations", __name__)


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """Database, schema and a worker that was seen lately; 503 with the reasons otherwise.

    Channels whose provider refuses us are named: the process is ready none the less, and takes what comes in.
    """
    rt = runtime()
    try:
        checks = {
            "database": True,
            "schema": migrate.is_current(rt.engine),
            "worker": rt.read(lambda session: health.is_worker_alive(session, now=rt.now())),
        }
        found = rt.read(lambda session: alarms(session, now=rt.now())) if checks["schema"] else []
    except DATABASE_AWAY:
        checks, found = {"database": False, "schema": False, "worker": False}, []
    is_ready = all(checks.values())
    stopped = sorted({alarm.channel for alarm in found if alarm.is_stopped})
    status = "ready" if is_ready else "not ready"
    return jsonify(status=status, **checks, stopped_channels=stopped), 200 if is_ready else 503


@bp.get("/metrics")
@public
def metrics() -> ResponseReturnValue:
    """Counts for Prometheus, read when asked; nothing personal."""
    rt = runtime()
    registry = CollectorRegistry()
    counts, found = rt.read(
        lambda session: (health.gauges(session, now=rt.now()), alarms(session, now=rt.now()))
    )
    for name, text, value in counts:
        Gauge(f"helpdesk_{name}", text, registry=registry).set(value)
    faults = Gauge(
        "helpdesk_channel_fault",
        "Times that a fault of a channel itself was met since it began",
        ["channel", "fault"],
        registry=registry,
    )
    for alarm in found:
        faults.labels(alarm.channel, alarm.fault).set(alarm.times)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
