"""For the Mitra app: file a complaint, follow it, add to it, rate it, accept or reject the answer."""

from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from pathlib import PurePosixPath

from flask import Response, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.numbers import format_number
from helpdesk.queries.app import complaints_of_mitra, followed_number
from helpdesk.queries.periods import local_date
from helpdesk.queries.public import public_ticket
from helpdesk.services import answers, attachments, complaints
from helpdesk.services.contacts import Person
from helpdesk.services.registration import Submission, add_to, register, ticket_by_number
from helpdesk.views.access import runtime
from helpdesk.views.api.auth import for_scope
from helpdesk.views.api.base import COMPLAINTS, bp, json_of
from helpdesk.views.api.idempotent import RepeatHeader, Result, first_result, once
from helpdesk.views.api.inputs import (
    MitraQuery,
    NewAnswer,
    NewComplaint,
    NewRating,
    NewWords,
    NumberPath,
    Upload,
    WaitQuery,
)
from helpdesk.views.api.problems import described
from helpdesk.views.api.public_views import (
    PublicComplaint,
    PublicList,
    Uploaded,
    public_complaint,
    public_list,
)
from helpdesk.views.api.waiting import COME_AGAIN, wait_for

_EASTERNMOST = "Asia/Jayapura"
"""Where a day of the Mitra begins first."""

NOT_FOUND = described(HTTPStatus.NOT_FOUND)
TOO_LARGE = described(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
REFUSALS = described(
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
)

MAX_NAME = 255


@bp.post(
    "/complaints",
    tags=[COMPLAINTS],
    summary="File a complaint",
    responses={201: PublicComplaint, **TOO_LARGE},
)
@for_scope("app")
def file_complaint(header: RepeatHeader, body: NewComplaint) -> Response:
    """Opens a ticket and answers its public view; `Location` is its address. A Mitra who is not known yet is
    taken too, and what she writes is judged and routed as on every other channel."""
    lender = runtime().lender

    def act(session: Session, now: datetime) -> Result:
        done = register(session, _submission(body, now), scope="app", key=None, lender=lender, now=now)
        return {"number": done.number}

    number = once(header, body.model_dump_json(), act)["number"]
    answer = _public(number, HTTPStatus.CREATED)
    answer.headers["Location"] = url_for("api.read_complaint", number=format_number(number))
    return answer


@bp.get(
    "/complaints", tags=[COMPLAINTS], summary="List the complaints of a Mitra", responses={200: PublicList}
)
@for_scope("app")
def list_complaints(query: MitraQuery) -> Response:
    """Public views, newest first; an empty list for a Mitra without complaints."""
    page = runtime().read(
        lambda session: complaints_of_mitra(session, query.mitra_id, after=query.cursor, limit=query.limit)
    )
    return json_of(public_list(page))


@bp.get(
    "/complaints/<number>",
    tags=[COMPLAINTS],
    summary="Read a complaint",
    responses={200: PublicComplaint, **NOT_FOUND},
)
@for_scope("app")
def read_complaint(path: NumberPath, query: WaitQuery) -> Response:
    """The public view of a complaint that the app filed, or of a Mitra whose id is known, whatever the channel.
    All others are 404: the app may not follow anonymous complaints. With `since` and `wait` the answer comes when
    something has changed, at the latest after so many seconds; where too many wait already it comes at once, with
    `Retry-After`."""
    number = runtime().read(lambda session: followed_number(session, path.number))
    found, is_full = wait_for(
        lambda: _view(number),
        is_news=lambda view: view.version != query.since,
        seconds=query.wait if query.since else 0,
    )
    answer = json_of(found)
    if is_full:
        answer.headers["Retry-After"] = str(COME_AGAIN)
    return answer


@bp.post(
    "/complaints/<number>/messages",
    tags=[COMPLAINTS],
    summary="Add to a complaint",
    responses={201: PublicComplaint, **REFUSALS},
)
@for_scope("app")
def add_words(path: NumberPath, header: RepeatHeader, body: NewWords) -> Response:
    """Adds the Mitra's words and files. An answered complaint opens again; a closed one is refused (409)."""

    def act(session: Session, now: datetime) -> Result:
        number = followed_number(session, path.number)
        add_to(
            session,
            number,
            body.text,
            channel=ChannelCode.APP,
            attachment_ids=tuple(body.attachments),
            now=now,
        )
        return {"number": number}

    return _public(once(header, body.model_dump_json(), act)["number"], HTTPStatus.CREATED)


@bp.post(
    "/complaints/<number>/rating",
    tags=[COMPLAINTS],
    summary="Rate the handling",
    responses={200: PublicComplaint, **REFUSALS},
)
@for_scope("app")
def rate_complaint(path: NumberPath, header: RepeatHeader, body: NewRating) -> Response:
    """Keeps her rating; the last one counts. Without an answer of ours: 409."""

    def act(session: Session, now: datetime) -> Result:
        number = followed_number(session, path.number)
        complaints.rate(session, ticket_by_number(session, number), body.score, comment=body.comment, now=now)
        return {"number": number}

    return _public(once(header, body.model_dump_json(), act)["number"])


@bp.post(
    "/complaints/<number>/answer",
    tags=[COMPLAINTS],
    summary="Accept or reject our answer",
    responses={200: PublicComplaint, **REFUSALS},
)
@for_scope("app")
def judge_answer(path: NumberPath, header: RepeatHeader, body: NewAnswer) -> Response:
    """Accepting closes the complaint, rejecting opens it again. Without an answer of ours: 409."""

    def act(session: Session, now: datetime) -> Result:
        number = followed_number(session, path.number)
        answers.answer(
            session, number, is_accepted=body.accepted, comment=body.comment, channel=ChannelCode.APP, now=now
        )
        return {"number": number}

    return _public(once(header, body.model_dump_json(), act)["number"])


@bp.post("/attachments", tags=[COMPLAINTS], summary="Upload a file", responses={201: Uploaded, **TOO_LARGE})
@for_scope("app", takes_file=True)
def upload_file(header: RepeatHeader, form: Upload) -> Response:
    """Keeps a picture, voice message, video or PDF and answers the id that a complaint or message then names.
    The bytes decide what it is, not its name. A file that nothing has named after 7 days is deleted."""
    content, filename = _read(form)
    fingerprint = f"{sha256(content).hexdigest()} {filename}"
    done = first_result(header, fingerprint)
    if done is None:
        # On disk before the row that names it, and outside its transaction: the database waits for no disk.
        with runtime().storage.keeping([content]) as [key]:
            done = once(header, fingerprint, lambda session, now: _keep(session, content, filename, key, now))
    return json_of(Uploaded(id=done["id"]), HTTPStatus.CREATED)


def _keep(session: Session, content: bytes, filename: str | None, storage_key: str, now: datetime) -> Result:
    row = attachments.save_upload(
        session, content, channel=ChannelCode.APP, filename=filename, storage_key=storage_key, now=now
    )
    return {"id": row.public_id}


def _read(form: Upload) -> tuple[bytes, str | None]:
    """Return bytes and name of the file. Raises InvalidInput, RequestEntityTooLarge."""
    if not isinstance(form.file, FileStorage):
        raise InvalidInput("`file` is not a file", field="file", code="required")
    largest = runtime().settings.max_upload_mb * 1024 * 1024
    content = form.file.read(largest + 1)
    if len(content) > largest:
        raise RequestEntityTooLarge(f"a file may have {largest} bytes")
    attachments.sniff(content)
    name = PurePosixPath((form.file.filename or "").replace("\0", "").replace("\\", "/")).name
    return content, name[-MAX_NAME:] or None


def _submission(body: NewComplaint, now: datetime) -> Submission:
    if body.occurred_on is not None and body.occurred_on > local_date(now, _EASTERNMOST):
        raise InvalidInput("this day has not come yet", field="occurred_on", code="future")
    person = Person(
        name=body.name or None,
        phone=body.phone or None,
        mitra_id=body.mitra_id or None,
        language=body.language,
    )
    return Submission(
        channel=ChannelCode.APP,
        person=person,
        text=body.text,
        received_at=now,
        category=body.category or None,
        occurred_on=body.occurred_on,
        amount=body.amount,
        attachment_ids=tuple(body.attachments),
    )


def _public(number: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return json_of(_view(number), status)


def _view(number: str) -> PublicComplaint:
    return public_complaint(runtime().read(lambda session: public_ticket(session, number)))
