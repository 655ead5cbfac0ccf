"""For those who run the system: /healthz, /readyz, /metrics."""

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from helpdesk import migrate
from helpdesk.queries import health
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
    """Database, schema and a worker that was seen lately; 503 with the reasons otherwise."""
    rt = runtime()
    try:
        checks = {
            "database": True,
            "schema": migrate.is_current(rt.engine),
            "worker": rt.read(lambda session: health.is_worker_alive(session, now=rt.now())),
        }
    except DATABASE_AWAY:
        checks = {"database": False, "schema": False, "worker": False}
    is_ready = all(checks.values())
    return jsonify(status="ready" if is_ready else "not ready", **checks), 200 if is_ready else 503


@bp.get("/metrics")
@public
def metrics() -> ResponseReturnValue:
    """Counts for Prometheus, read when asked; nothing personal."""
    rt = runtime()
    registry = CollectorRegistry()
    for name, text, value in rt.read(lambda session: health.gauges(session, now=rt.now())):
        Gauge(f"helpdesk_{name}", text, registry=registry).set(value)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
