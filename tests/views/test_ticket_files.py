"""Photos, voices and documents on the ticket page."""

import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from ticket_stories import PAY, SignIn, a_ticket, opened
from visits import stored

from helpdesk.domain.messages import AttachmentRef, MediaKind
from helpdesk.models.messages import Attachment
from helpdesk.models.people import Role
from helpdesk.models.tickets import Ticket
from helpdesk.runtime import Runtime
from helpdesk.services import attachments

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")


def with_file(
    rt: Runtime, media_type: str, kind: MediaKind, filename: str | None = None
) -> tuple[Ticket, Attachment]:
    """Return a ticket with one fetched file."""
    ticket = a_ticket(rt, "Ini buktinya angsuran", files=(AttachmentRef("ref", kind, media_type, filename),))
    key = rt.storage.put(JPEG)

    def keep(session: Session) -> Attachment:
        row = session.scalars(select(Attachment)).one()
        attachments.record_fetched(
            session, row.id, content=JPEG, storage_key=key, media_type=media_type, now=rt.now()
        )
        return row

    return ticket, rt.write(keep)


def test_a_photo_is_shown_and_nothing_in_it_runs(rt: Runtime, signed_in: SignIn) -> None:
    ticket, file = with_file(rt, "image/jpeg", MediaKind.PHOTO)
    visit = opened(signed_in(teams=PAY), ticket)
    assert f'<img class="img-thumbnail" src="/attachments/{file.public_id}"' in visit.page
    answer = visit.client.get(f"/attachments/{file.public_id}")
    assert (answer.status_code, answer.data, answer.mimetype) == (200, JPEG, "image/jpeg")
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    part = visit.client.get(f"/attachments/{file.public_id}", headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.data) == (206, JPEG[:4])


def test_a_document_is_downloaded_under_a_harmless_name(rt: Runtime, signed_in: SignIn) -> None:
    _ticket, file = with_file(rt, "application/pdf", MediaKind.DOCUMENT, '../"bukti\r\n<x>.pdf')
    answer = signed_in(teams=PAY).client.get(f"/attachments/{file.public_id}")
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment")
    assert not re.search(r'[\r\n<>/]|\.\."', disposition)


@pytest.mark.parametrize("state", ["pending", "failed"])
def test_a_file_that_is_not_there_has_a_place_with_words(rt: Runtime, signed_in: SignIn, state: str) -> None:
    ticket = a_ticket(rt, files=(AttachmentRef("ref", MediaKind.VOICE, "audio/ogg"),))
    file = stored(rt, select(Attachment))[0]
    if state == "failed":
        rt.write(
            lambda session: attachments.record_failed(
                session, file.id, code="gone", is_final=True, now=rt.now()
            )
        )
    visit = opened(signed_in(teams=PAY), ticket)
    assert {"pending": "sedang diambil", "failed": "tidak bisa diambil"}[state] in visit.text
    assert visit.client.get(f"/attachments/{file.public_id}").status_code == 404


def test_files_follow_the_visibility_of_their_ticket(rt: Runtime, signed_in: SignIn) -> None:
    ticket, file = with_file(rt, "audio/ogg", MediaKind.VOICE)
    assert "<audio" in opened(signed_in(teams=PAY), ticket).page
    assert signed_in(teams=("digital",)).client.get(f"/attachments/{file.public_id}").status_code == 404
    assert signed_in(Role.ADMIN).client.get(f"/attachments/{file.public_id}").status_code == 403
    assert signed_in(teams=PAY).client.get("/attachments/zebra").status_code == 404
