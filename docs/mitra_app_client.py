"""The Mitra app in small: files a complaint with a photo, waits for the answer, accepts and rates it.

    python docs/mitra_app_client.py --url http://127.0.0.1:8000 --token TOKEN --photo struk.jpg "Angsuran belum dicatat"

TOKEN comes from `helpdesk token add --scope app --name NAME`. What it shows:

* Each POST has an Idempotency-Key of its own, made before the first try and kept for all others. Whatever is lost on
  the way, the request or only its answer, it may be sent again: it is carried out once. A real app keeps key and
  content on the phone until the answer is there, also over a restart.
* Photos go first; a complaint is filed without one that is refused.
* Waiting costs one request in 25 seconds: `since` is the version that one has, the answer comes with the next.
"""

import argparse
import time
import uuid
from pathlib import Path
from typing import Any

import httpx

TRIES = 6
WAIT = 25
"""Seconds that one request may wait for news."""
AGAIN = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses after which the same request is sent again; any other refusal stays one."""


class Helpdesk:
    """The calls of an app."""

    def __init__(self, url: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx.Client(base_url=f"{url.rstrip('/')}/api/v1", headers=headers, timeout=WAIT + 15)

    def upload(self, photo: Path) -> str:
        """Send a photo and return its id."""
        return str(self._send("POST", "/attachments", files={"file": (photo.name, photo.read_bytes())})["id"])

    def file(self, complaint: dict[str, Any]) -> dict[str, Any]:
        """File a complaint and return its public view."""
        return self._send("POST", "/complaints", json=complaint)

    def news(self, view: dict[str, Any]) -> dict[str, Any]:
        """Wait for another version than the one at hand; after WAIT seconds it is the same."""
        query = {"since": view["version"], "wait": WAIT}
        return self._send("GET", f"/complaints/{view['number']}", params=query)

    def accept(self, number: str) -> None:
        """Say that our answer solves it."""
        self._send("POST", f"/complaints/{number}/answer", json={"accepted": True})

    def rate(self, number: str, score: int) -> None:
        """Rate the handling, 1 to 5."""
        self._send("POST", f"/complaints/{number}/rating", json={"score": score})

    def _send(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        headers = {"Idempotency-Key": str(uuid.uuid4())} if method == "POST" else {}
        for attempt in range(TRIES):
            last = attempt == TRIES - 1
            try:
                answer = self._http.request(method, path, headers=headers, **content)
            except httpx.TransportError:
                if last:
                    raise
            else:
                if answer.status_code not in AGAIN or last:
                    return self._read(answer)
                _rest(answer)
            time.sleep(min(0.5 * 2**attempt, 30))
        raise AssertionError("the last try returns or raises")

    def _read(self, answer: httpx.Response) -> dict[str, Any]:
        if answer.is_error:  # RFC 9457: what is wrong, in words
            problem = answer.json()
            raise SystemExit(f"{problem['title']}: {problem.get('errors') or problem['detail']}")
        _rest(answer)
        found: dict[str, Any] = answer.json()
        return found


def _rest(answer: httpx.Response) -> None:
    """Leave it alone as long as it asks for: too much was sent, or too many wait already."""
    time.sleep(float(answer.headers.get("Retry-After", 0)))


def main() -> None:
    """File, wait, accept, rate."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("text")
    parser.add_argument("--url", required=True)
    parser.add_argument("--token", required=True)
    parser.add_argument("--photo", type=Path)
    parser.add_argument("--mitra-id", default="M-204881")
    options = parser.parse_args()
    helpdesk = Helpdesk(options.url, options.token)
    files = [helpdesk.upload(options.photo)] if options.photo else []
    complaint = {"mitra_id": options.mitra_id, "text": options.text, "attachments": files}
    view = helpdesk.file(complaint)
    print(f"{view['number']}: {view['status_text']}, answer by {view['answer_by']}", flush=True)
    while view["status"] not in ("resolved", "closed"):
        news = helpdesk.news(view)
        if news["version"] != view["version"]:
            print(f"{news['status_text']}, {len(news['messages'])} messages", flush=True)
        view = news
    print(view["messages"][-1]["text"])
    helpdesk.accept(view["number"])
    helpdesk.rate(view["number"], 5)


if __name__ == "__main__":
    main()
