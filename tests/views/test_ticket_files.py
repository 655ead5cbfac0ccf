"""Photos, voices and documents on the ticket page."""

import re

import pytest
from media.samples import picture, sound
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from ticket_stories import PAY, SignIn, a_ticket, address, kinds, opened, reload
from visits import stored

from helpdesk import files
from helpdesk.domain.messages import AttachmentRef, MediaKind
from helpdesk.models.messages import Attachment
from helpdesk.models.people import Role
from helpdesk.models.tickets import Ticket
from helpdesk.runtime import Runtime
from helpdesk.services import attachments, privacy

HARMLESS = "sandbox; default-src 'none'"


def with_file(
    rt: Runtime,
    content: bytes,
    kind: MediaKind,
    filename: str | None = None,
    *,
    text: str = "Ini buktinya angsuran",
    is_prepared: bool = True,
) -> tuple[Ticket, Attachment]:
    """Return a ticket with one fetched file."""
    ticket = a_ticket(rt, text, files=(AttachmentRef("ref", kind, None, filename),))
    key = rt.storage.put(content)
    media_type = attachments.sniff(content)

    def keep(session: Session) -> None:
        row = session.scalars(select(Attachment)).one()
        attachments.record_fetched(
            session, row.id, content=content, storage_key=key, media_type=media_type, now=rt.now()
        )

    rt.write(keep)
    if is_prepared:
        files.prepare_due(rt)
    return ticket, stored(rt, select(Attachment))[0]


def test_a_photo_is_shown_small_and_in_full_and_nothing_in_it_runs(rt: Runtime, signed_in: SignIn) -> None:
    ticket, file = with_file(rt, picture(), MediaKind.PHOTO)
    visit = opened(signed_in(teams=PAY), ticket)
    assert f'src="/attachments/{file.public_id}/small"' in visit.page
    for part in ("", "/small"):
        answer = visit.client.get(f"/attachments/{file.public_id}{part}")
        assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
        assert answer.headers["Content-Disposition"].startswith("inline")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith(HARMLESS)
    assert visit.get(f"/attachments/{file.public_id}/view").status_code == 200
    assert f'<img class="img-fluid" src="/attachments/{file.public_id}"' in visit.page
    assert f'href="{address(ticket)}#f{file.public_id}"' in visit.page
    assert visit.client.get(f"/attachments/{file.public_id}/sound").status_code == 404


def test_a_photo_that_came_a_moment_ago_can_be_opened_but_is_not_on_the_page(
    rt: Runtime, signed_in: SignIn
) -> None:
    ticket, file = with_file(rt, picture(), MediaKind.PHOTO, is_prepared=False)
    visit = opened(signed_in(teams=PAY), ticket)
    assert "Foto sedang disiapkan" in visit.text
    assert "<img" not in visit.page
    before = visit.client.get(f"/attachments/{file.public_id}")
    files.prepare_due(rt)
    after = visit.client.get(
        f"/attachments/{file.public_id}", headers={"If-None-Match": before.headers["ETag"]}
    )
    assert (before.status_code, after.status_code) == (200, 200)  # the clean copy is another file


def test_a_voice_is_played_from_its_copy_and_its_original_is_downloaded(
    rt: Runtime, signed_in: SignIn
) -> None:
    said = sound("iphone memo")
    ticket, file = with_file(rt, said, MediaKind.VOICE)
    visit = opened(signed_in(teams=PAY), ticket)
    assert (
        f'<audio class="mw-100" controls preload="none" src="/attachments/{file.public_id}/sound"'
        in visit.page
    )
    assert "Pesan suara 0:02 suara, belum didengar" in visit.text
    played = visit.client.get(f"/attachments/{file.public_id}/sound", headers={"Range": "bytes=0-2"})
    assert (played.status_code, played.data, played.mimetype) == (206, b"ID3", "audio/mpeg")
    original = visit.client.get(f"/attachments/{file.public_id}")
    assert (original.data, original.mimetype) == (said, "audio/mp4")
    assert original.headers["Content-Disposition"].startswith("attachment")
    assert original.headers["Content-Security-Policy"].startswith(HARMLESS)


def test_a_sound_that_no_one_can_play_can_be_downloaded(rt: Runtime, signed_in: SignIn) -> None:
    ticket, file = with_file(rt, b"ID3\4\0\0\0\0\0\0" + bytes(300), MediaKind.VOICE)
    visit = opened(signed_in(teams=PAY), ticket)
    assert "Tidak bisa diputar di sini. Pesan suara rusak" in visit.text
    assert "<audio" not in visit.page
    assert visit.client.get(f"/attachments/{file.public_id}").status_code == 200


def test_a_document_is_downloaded_under_a_harmless_name(rt: Runtime, signed_in: SignIn) -> None:
    _ticket, file = with_file(rt, b"%PDF-1.4\n", MediaKind.DOCUMENT, '../"bukti\r\n<x>.pdf')
    answer = signed_in(teams=PAY).client.get(f"/attachments/{file.public_id}")
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment")
    assert not re.search(r'[\r\n<>/]|\.\."', disposition)


@pytest.mark.parametrize(
    ("code", "is_final", "size", "words"),
    [
        ("", False, None, "Pesan suara sedang diambil dari penyedia."),
        ("http_503", False, None, "penyedia tidak menjawab. Kami coba lagi sendiri: 23 Nov 10.00."),
        ("too_large", True, 23_900_000, "Pesan suara (23 MB) terlalu besar. Minta Mitra kirim lagi"),
        ("http_410", True, None, "Pesan suara sudah tidak ada di penyedia. Minta Mitra kirim lagi."),
        ("file_type", True, None, "Minta Mitra kirim foto, suara, atau PDF."),
        ("private_address", True, None, "tidak diambil: alamatnya bukan milik penyedia."),
        ("a code of tomorrow", True, None, "penyedia tidak menjawab."),
    ],
)
def test_a_file_that_is_not_there_has_a_place_with_the_reason(
    rt: Runtime, signed_in: SignIn, code: str, is_final: bool, size: int | None, words: str
) -> None:
    ticket = a_ticket(rt, files=(AttachmentRef("ref", MediaKind.VOICE, "audio/ogg"),))
    file = stored(rt, select(Attachment))[0]
    if code:
        rt.write(
            lambda session: attachments.record_failed(
                session, file.id, code=code, is_final=is_final, size_bytes=size, now=rt.now()
            )
        )
    visit = opened(signed_in(teams=PAY), ticket)
    assert words in visit.text
    assert visit.client.get(f"/attachments/{file.public_id}").status_code == 404
    assert ("/again" in visit.page) is (code == "a code of tomorrow")


def test_a_person_may_have_a_file_asked_for_again(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt, files=(AttachmentRef("ref", MediaKind.PHOTO),))
    file = stored(rt, select(Attachment))[0]
    rt.write(
        lambda session: attachments.record_failed(
            session, file.id, code="http_404", is_final=True, now=rt.now()
        )
    )
    visit = opened(signed_in(teams=PAY), ticket)
    again = address(ticket, f"/files/{file.public_id}/again")
    assert visit.post(again).status_code == 303
    row = stored(rt, select(Attachment))[0]
    assert (row.state, row.attempts, row.next_attempt_at) == ("pending", 0, rt.now())
    assert kinds(rt, ticket)[-1] == "file_asked_again"
    assert visit.post(again).status_code == 409
    assert opened(signed_in(Role.AUDITOR), ticket).post(again).status_code == 403


def test_what_is_written_down_of_a_voice_counts_like_her_own_words(rt: Runtime, signed_in: SignIn) -> None:
    ticket, file = with_file(rt, sound(), MediaKind.VOICE, text="")
    visit = opened(signed_in(teams=PAY), ticket)
    where = address(ticket, f"/files/{file.public_id}/transcript")
    assert visit.post(where, transcript="  ").status_code == 422
    assert "Isi dulu bagian ini." in visit.text
    visit.send(where, transcript="Setoran di warung belum masuk, PIN saya 123456")
    assert "Isi suara disimpan." in visit.text
    assert "belum didengar" not in visit.text
    assert "Setoran di warung" in visit.text
    assert "123456" not in visit.text
    assert "voice_written_down" in kinds(rt, ticket)
    assert visit.get("/queue?q=warung").status_code == 200
    assert f't{ticket.number}"' in visit.page


def test_a_threat_that_is_heard_raises_the_ticket_and_bars_the_staff_of_the_point(
    rt: Runtime, signed_in: SignIn
) -> None:
    ticket, file = with_file(rt, sound(), MediaKind.VOICE, text="")
    before = reload(rt, ticket)
    visit = opened(signed_in(teams=PAY), ticket)
    where = address(ticket, f"/files/{file.public_id}/transcript")
    assert "Tiket ini sekarang di tim lain." in visit.send(where, transcript="Petugas ancam pukul saya").text
    after = reload(rt, ticket)
    assert after.is_about_staff
    assert after.severity < before.severity


def test_a_correction_keeps_what_stood_before_and_erasure_takes_all(rt: Runtime, signed_in: SignIn) -> None:
    ticket, file = with_file(rt, sound(), MediaKind.VOICE)
    visit = opened(signed_in(teams=PAY), ticket)
    where = address(ticket, f"/files/{file.public_id}/transcript")
    for words in ("Satu kata", "Dua kata", "Dua kata"):
        visit.send(where, transcript=words)
    assert kinds(rt, ticket).count("voice_written_down") == 2
    assert "Satu kata" in visit.text  # in the history
    rt.write(lambda session: privacy._erase_ticket(session, ticket.id, actor="user:x", now=rt.now()))
    row = stored(rt, select(Attachment))[0]
    assert (row.transcript, row.playable_key, row.storage_key, row.state) == (None, None, None, "failed")
    assert "kata" not in opened(visit, ticket).text.partition("Percakapan")[2]


def test_files_follow_the_visibility_of_their_ticket(rt: Runtime, signed_in: SignIn) -> None:
    ticket, file = with_file(rt, sound(), MediaKind.VOICE)
    assert "<audio" in opened(signed_in(teams=PAY), ticket).page
    where = f"/attachments/{file.public_id}"
    for part in ("", "/small", "/sound", "/view"):
        assert signed_in(teams=("digital",)).client.get(where + part).status_code == 404
        assert signed_in(Role.ADMIN).client.get(where + part).status_code == 403
        assert signed_in(teams=PAY).client.get(f"/attachments/zebra{part}").status_code == 404
    other = signed_in(teams=("digital",))
    other.get("/queue")
    assert (
        other.post(address(ticket, f"/files/{file.public_id}/transcript"), transcript="x").status_code == 404
    )
    rt.write(lambda session: session.execute(update(Attachment).values(message_id=None)))
    assert signed_in(teams=PAY).client.get(where).status_code == 404


def test_a_ticket_that_began_with_a_voice_gets_its_title_from_what_was_heard(
    rt: Runtime, signed_in: SignIn
) -> None:
    ticket, file = with_file(rt, sound(), MediaKind.VOICE, text="")
    visit = opened(signed_in(teams=PAY), ticket)
    assert reload(rt, ticket).subject == "[Pesan suara]"
    visit.send(address(ticket, f"/files/{file.public_id}/transcript"), transcript="Setoran belum masuk")
    assert reload(rt, ticket).subject == "Setoran belum masuk"
