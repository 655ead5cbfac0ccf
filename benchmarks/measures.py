"""What is measured: each function returns its figures by name."""

import itertools
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from flask.testing import FlaskClient
from twilio.request_validator import RequestValidator

from benchmarks.installation import TOKEN, WHATSAPP, signed_in
from helpdesk import inbox, jobs
from helpdesk.domain.messages import WebhookRequest
from helpdesk.runtime import Runtime

Figures = dict[str, float]

CLIENTS = 8
COUNT = 400
PAGES = 60

_serial = itertools.count(1)
_validator = RequestValidator(TOKEN)

STORIES = (
    "Bu saya sudah bayar angsuran lewat VA tapi belum masuk",
    "petugas datang malam dan membentak saya",
    "uang pinjaman saya belum cair sudah 2 minggu",
    "nama saya dipakai orang lain untuk pinjam",
)


def webhooks(rt: Runtime, app: Flask) -> Figures:
    """Signed WhatsApp webhooks accepted per second by 8 clients, then processed per second."""
    requests = [_request(rt) for _ in range(COUNT)]
    started = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        events = list(pool.map(lambda request: inbox.accept(rt, request), requests))
    accepted = time.perf_counter() - started
    started = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        done = sum(pool.map(lambda event: inbox.process(rt, event), events))
    processed = time.perf_counter() - started
    assert done == COUNT
    return {
        "webhooks accepted per second": COUNT / accepted,
        "complaints fully processed per second": COUNT / processed,
    }


def pages(rt: Runtime, app: Flask) -> Figures:
    """Server time of the queue and of a ticket, beside the smallest page there is."""
    agent, supervisor = signed_in(app, "agen@demo.id"), signed_in(app, "supervisor@demo.id")
    figures: Figures = {}
    for name, client, address in (
        ("/healthz", agent, "/healthz"),
        ("queue of an agent", agent, "/queue"),
        ("queue of all teams", supervisor, "/queue"),
        ("dashboard", supervisor, "/dashboard"),
        ("trends", supervisor, "/trends"),
    ):
        for share, value in percentiles(lambda client=client, address=address: _get(client, address)).items():
            figures[f"{name}, {share} ms"] = value
    return figures


def sweep(rt: Runtime, app: Flask) -> Figures:
    """One SLA sweep when nothing is due."""
    jobs.sla_sweep(rt)
    return {
        f"sweep with nothing due, {share} ms": value
        for share, value in percentiles(lambda: jobs.sla_sweep(rt)).items()
    }


MEASURES: tuple[Callable[[Runtime, Flask], Figures], ...] = (pages, sweep, webhooks)


def percentiles(act: Callable[[], object]) -> Figures:
    """Median and 95th percentile of so many runs, in milliseconds."""
    act()
    times = []
    for _ in range(PAGES):
        started = time.perf_counter()
        act()
        times.append((time.perf_counter() - started) * 1000)
    return {"p50": statistics.median(times), "p95": statistics.quantiles(times, n=20)[-1]}


def _get(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)


def _request(rt: Runtime) -> WebhookRequest:
    number = next(_serial)
    fields = {
        "MessageSid": f"SMbench{number}",
        "From": f"whatsapp:+62857{number:08}",
        "To": WHATSAPP,
        "Body": STORIES[number % len(STORIES)],
        "NumMedia": "0",
        "ProfileName": f"Mitra {number}",
    }
    url = f"{rt.settings.public_url}/webhooks/whatsapp"
    from urllib.parse import urlencode

    headers = {"x-twilio-signature": _validator.compute_signature(url, fields), "content-type": inbox.FORM}
    return WebhookRequest("whatsapp", url, headers, tuple(fields.items()), urlencode(fields).encode())
