"""A provider for tests: a real HTTP server on this machine that answers as it is told and remembers."""

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from urllib.parse import parse_qs


@dataclass(frozen=True)
class Seen:
    method: str
    path: str
    headers: Mapping[str, str]
    form: Mapping[str, list[str]]
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """`status` 0 hangs up without a word, after the request has been read."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_json(cls, status: int, content: object) -> "Answer":
        return cls(status, json.dumps(content).encode(), {"Content-Type": "application/json"})


class FakeProvider:
    """Answers the requests in the order of `will_answer`; an unexpected one gets 500."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self._came = Condition()
        self._answers: deque[Answer] = deque()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def will_answer(self, *answers: Answer) -> None:
        self._answers.extend(answers)

    def wait_for(self, count: int) -> None:
        """Return when so many requests have come. Raises TimeoutError."""
        with self._came:
            if not self._came.wait_for(lambda: len(self.seen) >= count, timeout=10):
                raise TimeoutError

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _take(self, seen: Seen) -> Answer:
        with self._came:
            self.seen.append(seen)
            self._came.notify_all()
            return self._answers.popleft() if self._answers else Answer(500)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                answer = provider._take(Seen(self.command, self.path, headers, parse_qs(body.decode()), body))
                if answer.status == 0:
                    return
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            do_GET = do_POST

            def log_message(self, format: str, *args: object) -> None:
                """Keep the output of the tests clean."""

        return Handler
