"""A client of the API with one token, and the calls that several tests make."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

STORY = "Angsuran minggu lalu sudah saya bayar lewat agen tetapi belum tercatat."

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c626001000000050001"
    "0d0a2db40000000049454e44ae426082"
)


@dataclass(frozen=True, slots=True)
class Api:
    """Calls with a token; without one none is sent."""

    app: Flask
    token: str | None = None

    def get(self, path: str, **query: object) -> TestResponse:
        return self.app.test_client().get(f"/api/v1{path}", query_string=query, headers=self._headers())

    def post(self, path: str, body: object, *, key: str | None = None) -> TestResponse:
        headers = self._headers() | ({"Idempotency-Key": key} if key else {})
        return self.app.test_client().post(f"/api/v1{path}", json=body, headers=headers)

    def send(self, path: str, data: bytes, content_type: str) -> TestResponse:
        return self.app.test_client().post(
            f"/api/v1{path}", data=data, content_type=content_type, headers=self._headers()
        )

    def upload(
        self, content: bytes = PNG, filename: str = "bukti.png", *, key: str | None = None
    ) -> TestResponse:
        headers = self._headers() | ({"Idempotency-Key": key} if key else {})
        head = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n\r\n'
        # By hand: the test client would spool a large file and leave it open.
        return self.app.test_client().post(
            "/api/v1/attachments",
            data=head.encode() + content + b"\r\n--b--\r\n",
            content_type="multipart/form-data; boundary=b",
            headers=headers,
        )

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


@dataclass(frozen=True, slots=True)
class Quiet:
    """An API that several tests share because they change nothing."""

    app: Flask
    tokens: Mapping[str, str]
    storage: Path

    @property
    def mitra_app(self) -> Api:
        return Api(self.app, self.tokens["app"])

    @property
    def staff(self) -> Api:
        return Api(self.app, self.tokens["staff"])

    @property
    def reporting(self) -> Api:
        return Api(self.app, self.tokens["reporting"])


def file_complaint(mitra_app: Api, **changes: object) -> str:
    """File a complaint and return its number."""
    answer = mitra_app.post("/complaints", {"mitra_id": "M-1", "name": "Siti", "text": STORY} | changes)
    assert answer.status_code == 201, answer.text
    return str(body_of(answer)["number"])


def resolve(staff: Api, number: str) -> None:
    """Answer a complaint."""
    draft = {
        "disposition": "upheld",
        "root_cause": "MANUSIA-CATAT",
        "redress": [{"kind": "correction"}],
        "answer": "Ibu Siti, pembayaran Ibu sudah kami catat.",
    }
    answer = staff.post(f"/tickets/{number}/resolve", draft)
    assert answer.status_code == 200, answer.text


def body_of(answer: TestResponse) -> dict[str, Any]:
    """Return the JSON object of an answer."""
    found = answer.get_json(force=True)
    assert isinstance(found, dict)
    return found


def problem_of(answer: TestResponse, status: int) -> dict[str, Any]:
    """Return the problem document of a refusal with that status."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    problem = body_of(answer)
    assert problem["status"] == status
    assert {"type", "title", "detail"} <= problem.keys()
    return problem


def refused(answer: TestResponse) -> int:
    """Return the status of a refusal; its body is a problem document that says the same."""
    return int(problem_of(answer, answer.status_code)["status"])
