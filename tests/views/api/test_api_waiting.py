"""A request may wait for news, a few at once; the example client of docs/ against a real server that fails it."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from windows import served

from api.api_calls import PNG, STORY, Api, body_of, file_complaint, refused, resolve
from helpdesk.models.complaints import Rating
from helpdesk.models.messages import Attachment
from helpdesk.models.tickets import Ticket
from helpdesk.runtime import Runtime
from helpdesk.views.api import waiting

CLIENT = Path(__file__).resolve().parents[3] / "docs" / "mitra_app_client.py"


def version(mitra_app: Api, number: str) -> str:
    return str(body_of(mitra_app.get(f"/complaints/{number}"))["version"])


def timed(call: Callable[[], object]) -> float:
    started = time.monotonic()
    call()
    return time.monotonic() - started


def test_the_version_stays_until_something_is_told(mitra_app: Api, staff: Api) -> None:
    number = file_complaint(mitra_app)
    first = version(mitra_app, number)
    assert version(mitra_app, number) == first
    resolve(staff, number)
    assert version(mitra_app, number) != first


def test_a_waiting_request_is_answered_as_soon_as_there_is_news(
    mitra_app: Api, staff: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "EVERY", 0.05)
    number = file_complaint(mitra_app)
    since = version(mitra_app, number)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(lambda: mitra_app.get(f"/complaints/{number}", since=since, wait=25))
        resolve(staff, number)
        answer = asked.result(timeout=20)
    assert body_of(answer)["status"] == "resolved"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        pytest.param({"wait": 25}, 200, id="nothing to compare with"),
        pytest.param({"wait": 25, "since": "another"}, 200, id="news already"),
        pytest.param({"since": "same"}, 200, id="no time to wait"),
        pytest.param({"wait": 26}, 422, id="too long"),
        pytest.param({"wait": -1}, 422, id="before now"),
    ],
)
def test_nobody_waits_in_vain(mitra_app: Api, query: dict[str, object], status: int) -> None:
    number = file_complaint(mitra_app)
    if query.get("since") == "same":
        query = {"since": version(mitra_app, number)}
    assert timed(lambda: mitra_app.get(f"/complaints/{number}", **query)) < 5
    answer = mitra_app.get(f"/complaints/{number}", **query)
    assert (refused(answer) if status == 422 else answer.status_code) == status


def test_above_its_places_no_request_waits(
    app: Flask, mitra_app: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting.init_waiting(app, places=2)
    monkeypatch.setattr(waiting, "EVERY", 0.1)
    number = file_complaint(mitra_app)
    since = version(mitra_app, number)

    def ask(_: int) -> tuple[float, str | None]:
        started = time.monotonic()
        answer = mitra_app.get(f"/complaints/{number}", since=since, wait=2)
        return time.monotonic() - started, answer.headers.get("Retry-After")

    with ThreadPoolExecutor(8) as pool:
        took = sorted(pool.map(ask, range(8)), key=lambda one: one[0])
    assert [seconds < 2 for seconds, _again in took] == [True] * 6 + [False] * 2
    assert [again for _seconds, again in took] == ["10"] * 6 + [None] * 2
    assert version(mitra_app, number) == since
    assert ask(0)[0] >= 2  # the places are free again
    waiting.init_waiting(app, is_open=lambda: False)  # the process is about to end
    assert ask(0)[0] < 2


class Lossy:
    """A network on which the first answer of every POST is lost, after the request was carried out."""

    def __init__(self, inner: WSGIApplication) -> None:
        self._inner, self.lost = inner, set[str]()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] != "POST" or path in self.lost:
            return self._inner(environ, start_response)
        self.lost.add(path)
        answer = self._inner(environ, lambda *_args: lambda _data: None)
        list(answer)
        if close := getattr(answer, "close", None):
            close()
        start_response("503 Service Unavailable", [("Content-Type", "text/plain")])
        return [b"lost"]


def test_the_example_client_files_once_waits_and_rates_though_every_first_answer_is_lost(
    rt: Runtime, app: Flask, tokens: dict[str, str], staff: Api, tmp_path: Path
) -> None:
    (tmp_path / "struk.png").write_bytes(PNG)
    network = Lossy(app)
    with served(network) as url:
        command = [sys.executable, str(CLIENT), STORY, "--url", url, "--token", tokens["app"]]
        with subprocess.Popen(
            [*command, "--photo", str(tmp_path / "struk.png")], stdout=subprocess.PIPE, text=True
        ) as client:
            assert client.stdout is not None
            number = client.stdout.readline().split(":")[0]
            resolve(staff, number)
            said = client.stdout.read()
        assert client.returncode == 0
    assert "Ibu Siti, pembayaran Ibu sudah kami catat." in said
    kinds = {path.rpartition("/")[2] for path in network.lost}
    assert kinds == {"attachments", "complaints", "answer", "rating"}

    def kept(session: Session) -> tuple[list[str], list[int], int]:
        tickets = [ticket.status.value for ticket in session.scalars(select(Ticket))]
        files = list(session.scalars(select(Attachment.message_id)))
        return tickets, list(session.scalars(select(Rating.score))), sum(each is not None for each in files)

    assert rt.read(kept) == (["closed"], [5], 1)
