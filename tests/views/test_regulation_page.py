"""The regulator's section of the ticket page, its steps with their refusals, the wizard and its letters."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from installing import NOW
from sqlalchemy import select
from statements import counted
from talk import resolve
from ticket_stories import PAY, SignIn, a_ticket, address, bodies, fail_last, kinds, opened, reload
from visits import Visit, a_user, stored
from visits import signed_in as sign_in

from helpdesk.domain.messages import ChannelCode
from helpdesk.models.complaints import Resolution
from helpdesk.models.contacts import Contact
from helpdesk.models.people import Role
from helpdesk.models.sla import SlaExtension, StatutoryPeriod
from helpdesk.models.tickets import Ticket
from helpdesk.runtime import Runtime
from helpdesk.sla.policy import Form
from helpdesk.sla.regulation import shipped_regulation
from helpdesk.sla.standing import Refusal
from helpdesk.views.regulation_words import OUTCOMES, REFUSALS

TENTH_DAY_ENDS = datetime(2026, 12, 7, 17, tzinfo=UTC)


def press(visit: Visit, ticket: Ticket, part: str, **fields: object) -> int:
    """Open the page of all steps and send one of its forms."""
    assert visit.get(address(ticket, "/regulation")).status_code == 200
    return visit.post(address(ticket, part), key=visit.hidden("key"), **fields).status_code


def at(rt: Runtime, now: datetime) -> None:
    rt.now = lambda: now  # type: ignore[method-assign]


def test_the_section_names_form_both_dates_and_what_runs(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(teams=PAY), ticket)
    section = visit.text[visit.text.index("Tenggat OJK") :]
    assert "Bentuk tertulis" in section
    assert "Batas OJK 7 Des 24.00" in section
    assert "Umur pengaduan" in section


def test_documents_are_asked_for_once_and_completed_once(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = signed_in(teams=PAY)
    assert press(visit, ticket, "/documents", items="supporting", note="struk 3 November") == 303
    assert "foto struk atau surat, struk 3 November" in bodies(rt, ticket, purpose="reply")[-1]
    assert "belum berjalan, menunggu dokumen" in opened(visit, ticket).text
    (period,) = stored(rt, select(StatutoryPeriod))
    letter = visit.get(address(ticket, f"/periods/{period.id}/letter"))
    assert letter.status_code == 200
    assert "kami masih memerlukan: foto struk atau surat" in visit.text
    opened(visit, ticket)
    assert visit.post(address(ticket, "/documents/complete")).status_code == 303
    assert visit.post(address(ticket, "/documents/complete")).status_code == 409
    assert "Tidak ada dokumen yang sedang diminta." in visit.text
    assert kinds(rt, ticket).count("documents_complete") == 1
    assert "Dokumen lengkap, batas OJK" in opened(visit, ticket).text


def test_a_second_press_of_the_same_form_changes_nothing(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = signed_in(teams=PAY)
    visit.get(address(ticket, "/regulation"))
    form = {"key": visit.hidden("key"), "items": "supporting"}
    assert [visit.post(address(ticket, "/documents"), **form).status_code for _ in range(2)] == [303, 303]
    assert len(bodies(rt, ticket, purpose="reply")) == 1


def test_what_the_record_has_is_not_offered(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    rt.write(lambda session: setattr(session.get_one(Contact, ticket.contact_id), "mitra_digest", b"known"))
    visit = signed_in(teams=PAY)
    visit.get(address(ticket, "/regulation"))
    assert 'value="identity"' not in visit.page
    assert "sudah ada di catatan kami" in visit.text
    assert press(visit, ticket, "/documents", items="identity") == 422
    assert "Jangan minta ke Mitra" in visit.text


@pytest.mark.parametrize(
    ("part", "fields"),
    [
        ("/documents", {}),
        ("/form", {"form": "zebra", "reason": "x"}),
        ("/form", {"form": "lisan", "reason": " "}),
        ("/form", {"form": "lisan", "reason": "Ditelepon " * 300}),
    ],
)
def test_a_form_that_lacks_something_says_so(
    rt: Runtime, signed_in: SignIn, part: str, fields: dict[str, str]
) -> None:
    ticket = a_ticket(rt)
    visit = signed_in(teams=PAY)
    assert press(visit, ticket, part, **fields) == 422
    assert "<title>Salah: " in visit.page
    assert kinds(rt, ticket)[-1] != "form_changed"


def test_the_form_is_changed_and_the_verbal_complaint_converted(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = signed_in(teams=PAY)
    assert press(visit, ticket, "/form", form="lisan", reason="Ditelepon dari WA") == 303
    assert "Bentuk pengaduan: tertulis → lisan. Alasan: Ditelepon dari WA" in opened(visit, ticket).text
    assert press(visit, ticket, "/conversion", items="supporting", reason="Perlu bukti setor") == 303
    assert reload(rt, ticket).form == Form.TERTULIS
    assert "Perlu bukti setor" in opened(visit, ticket).text
    assert press(visit, ticket, "/conversion", items="supporting", reason="perlu bukti lagi") == 409
    assert "Hanya untuk pengaduan lisan." in visit.text


def test_the_deadline_of_before_a_conversion_stays_on_the_page(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = signed_in(teams=PAY)
    visit.get(address(ticket, "/regulation"))
    assert "Batas sebelum diubah" not in visit.text
    assert press(visit, ticket, "/form", form="lisan", reason="Ditelepon dari WA") == 303
    visit.get(address(ticket, "/regulation"))
    assert "Batas OJK Senin, 30 November" in visit.text
    assert "Batas sebelum diubah Senin, 7 Desember" in visit.text
    assert press(visit, ticket, "/conversion", items="supporting", reason="Perlu bukti setor") == 303
    visit.get(address(ticket, "/regulation"))
    assert "Batas OJK belum berjalan, menunggu dokumen" in visit.text
    assert "Batas sebelum diubah Senin, 30 November" in visit.text
    at(rt, NOW + timedelta(hours=1))
    press(visit, ticket, "/documents/complete")
    assert (
        visit.post(address(ticket, "/extension"), ground="b", reason="Rekening koran dicek").status_code
        == 303
    )
    visit.get(address(ticket, "/regulation"))
    assert "Batas OJK Senin, 21 Desember" in visit.text
    assert "Batas sebelum diubah Senin, 30 November" in visit.text


def test_a_deadline_of_before_a_reopening_is_no_longer_shown(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = signed_in(teams=PAY)
    assert press(visit, ticket, "/form", form="lisan", reason="Ditelepon dari WA") == 303
    rt.write(lambda session: resolve(session, session.get_one(Ticket, ticket.id), now=NOW))
    at(rt, NOW + timedelta(days=1))
    opened(visit, ticket)
    assert visit.post(address(ticket, "/status"), status="open", reason="salah hitung").status_code == 303
    visit.get(address(ticket, "/regulation"))
    assert "Batas OJK Selasa, 1 Desember" in visit.text
    assert "Batas sebelum diubah" not in visit.text


def test_the_wizard_shows_the_letter_and_then_sends_it(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(teams=PAY), ticket)
    assert "Perpanjang waktu" in visit.text
    visit.get(address(ticket, "/extension"))
    assert visit.post(address(ticket, "/extension/preview"), ground="b", reason=" ").status_code == 422
    draft = {"ground": "b", "reason": "Rekening koran dicek lagi."}
    assert visit.post(address(ticket, "/extension/preview"), **draft).status_code == 200
    assert "Senin, 21 Desember, jam 24.00 WIB" in visit.text
    assert "Kami akan menjawab paling lambat Senin, 21 Desember 2026." in visit.text
    assert "Perlu pemeriksaan khusus terhadap dokumen kami. Rekening koran dicek lagi." in visit.text
    assert not stored(rt, select(SlaExtension))
    form = draft | {"key": visit.hidden("key")}
    assert [visit.post(address(ticket, "/extension"), **form).status_code for _ in range(2)] == [303, 303]
    (row,) = stored(rt, select(SlaExtension))
    assert "catatan kami diperiksa lagi" in bodies(rt, ticket, purpose="notice")[-1]
    section = opened(visit, ticket).text
    assert "Diperpanjang 7 Des 24.00 → 21 Des 24.00" in section
    assert visit.get(address(ticket, f"/extensions/{row.id}/letter")).status_code == 200
    assert "POJK 22/2023 Ps. 75(2)-(4)" in visit.text
    fail_last(rt, ticket)
    assert "Tidak sampai lewat WhatsApp, dicoba lewat SMS" in opened(visit, ticket).text
    fail_last(rt, ticket)
    assert "Pemberitahuan tidak sampai lewat pesan." in opened(visit, ticket).text


BY_SMS = "Cetak surat SMS tidak memuat alasan. Cetak suratnya dan serahkan kepada Mitra."


@pytest.mark.parametrize(("channel", "is_short"), [(ChannelCode.SMS, True), (ChannelCode.WHATSAPP, False)])
@pytest.mark.parametrize("what", ["handling", "party", "documents"])
def test_an_officer_is_told_to_print_the_letter_where_the_notice_is_a_short_message(
    rt: Runtime, signed_in: SignIn, channel: ChannelCode, is_short: bool, what: str
) -> None:
    ticket = a_ticket(rt, channel=channel)
    visit = signed_in(teams=PAY)
    if is_short:  # an SMS counts as verbal until a person says otherwise
        assert press(visit, ticket, "/form", form="tertulis", reason="Suratnya menyusul") == 303
    if what == "documents":
        press(visit, ticket, "/documents", items="supporting")
        assert BY_SMS not in opened(visit, ticket).text
        assert press(visit, ticket, "/documents/extension", ground="b", reason="suratnya di kampung") == 303
    else:
        opened(visit, ticket)
        reason = {"ground": "b", "reason": "Rekening koran dicek."}
        assert visit.post(address(ticket, "/extension"), **reason).status_code == 303
    if what == "party":
        party = {"party": "Bank Contoh", "reason": "Bank belum membalas."}
        assert visit.post(address(ticket, "/extension"), **party).status_code == 303
    count = (2 if what == "party" else 1) if is_short else 0
    at(rt, NOW + timedelta(days=1))
    for part in ("", "/regulation"):
        assert visit.get(address(ticket, part)).status_code == 200
        assert visit.text.count(BY_SMS) == count, part
        assert "Cetak surat" in visit.text


def test_a_short_message_that_was_lost_is_said_to_be_lost(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt, channel=ChannelCode.SMS)
    visit = signed_in(teams=PAY)
    press(visit, ticket, "/form", form="tertulis", reason="Suratnya menyusul")
    visit.post(address(ticket, "/extension"), ground="b", reason="Rekening koran dicek.")
    fail_last(rt, ticket)
    visit.get(address(ticket, "/regulation"))
    assert "Cetak surat Pemberitahuan tidak sampai lewat pesan." in visit.text


def test_for_another_party_it_asks_who_that_is(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(teams=PAY), ticket)
    visit.post(address(ticket, "/extension"), ground="b", reason="Rekening koran dicek")
    visit.get(address(ticket, "/extension"))
    assert 'name="party"' in visit.page
    forgotten = {"step": visit.hidden("step"), "party": " ", "reason": "Bank belum membalas."}
    assert visit.post(address(ticket, "/extension/preview"), **forgotten).status_code == 422
    assert "hanya boleh sekali" not in visit.text
    draft = {"party": "Bank Contoh", "reason": "Bank belum membalas."}
    assert visit.post(address(ticket, "/extension/preview"), **draft).status_code == 200
    assert "memerlukan tindak lanjut dari Bank Contoh" in visit.text
    assert visit.post(address(ticket, "/extension"), **draft).status_code == 303
    assert visit.get(address(ticket, "/extension")).status_code == 200
    assert "hanya boleh sekali" in visit.text
    assert "Pihak lain menindaklanjuti Bank Contoh" in opened(visit, ticket).text


def test_after_midnight_of_the_tenth_day_it_is_refused_with_words(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(teams=PAY), ticket)
    at(rt, TENTH_DAY_ENDS)
    assert (
        visit.post(address(ticket, "/extension"), ground="b", reason="Rekening koran dicek").status_code
        == 409
    )
    assert "Waktunya sudah habis." in visit.text
    assert visit.get(address(ticket, "/regulation")).status_code == 200
    assert "Perpanjang waktu Waktunya sudah habis." in visit.text
    at(rt, TENTH_DAY_ENDS - timedelta(seconds=1))
    visit.get(address(ticket, "/extension"))
    assert (
        visit.post(address(ticket, "/extension"), ground="b", reason="Rekening koran dicek").status_code
        == 303
    )


def test_a_period_that_ran_out_is_refused_by_a_person(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = signed_in(teams=PAY)
    press(visit, ticket, "/documents", items="supporting")
    assert press(visit, ticket, "/documents/refusal") == 409
    at(rt, TENTH_DAY_ENDS)
    assert press(visit, ticket, "/documents/extension", ground="a", reason="surat di kampung") == 409
    assert press(visit, ticket, "/documents/refusal") == 303
    assert reload(rt, ticket).status == "closed"
    assert "belum terima" in bodies(rt, ticket, purpose="notice")[-1]


@pytest.mark.parametrize(
    ("language", "words"),
    [("id", "Alasan: ada halangan."), ("en", "Reason: something came up.")],
)
def test_the_letter_of_more_time_for_documents_speaks_to_her(
    rt: Runtime, signed_in: SignIn, language: str, words: str
) -> None:
    ticket = a_ticket(rt)
    rt.write(lambda session: setattr(session.get_one(Ticket, ticket.id), "language", language))
    visit = signed_in(teams=PAY)
    press(visit, ticket, "/documents", items="supporting")
    assert press(visit, ticket, "/documents/extension", ground="b", reason="suratnya di kampung") == 303
    (period,) = stored(rt, select(StatutoryPeriod))
    visit.get(address(ticket, f"/periods/{period.id}/letter"))
    assert words in visit.text


def test_to_deem_a_late_one_withdrawn_the_page_asks_why_it_was_late(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = signed_in(teams=PAY)
    at(rt, TENTH_DAY_ENDS - timedelta(days=1))
    press(visit, ticket, "/documents", items="supporting")
    at(rt, TENTH_DAY_ENDS + timedelta(days=40))
    visit = signed_in(teams=PAY)
    assert press(visit, ticket, "/documents/refusal") == 422
    assert "Pilih kenapa terlambat." in visit.text
    fields = {"late_reason": "other"}
    assert press(visit, ticket, "/documents/refusal", **fields) == 422
    assert "Tulis kenapa terlambat." in visit.text
    assert reload(rt, ticket).status == "pending"
    assert press(visit, ticket, "/documents/refusal", late_note="Listrik padam", **fields) == 303
    (outcome,) = stored(rt, select(Resolution))
    assert (outcome.late_code, outcome.late_reason) == ("other", "Listrik padam")


def test_a_supervisor_records_what_the_regulator_asks(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    officer = signed_in(Role.SUPERVISOR, teams=PAY)
    body = {"code": "C6", "started_on": "23/11/2026", "subject": "Kronologi penagihan"}
    assert press(officer, ticket, "/periods", **body) == 303
    assert "OJK meminta informasi Kronologi penagihan" in opened(officer, ticket).text
    (period,) = stored(rt, select(StatutoryPeriod))
    assert period.due_at == TENTH_DAY_ENDS
    assert press(officer, ticket, "/periods", **body) == 409
    assert press(officer, ticket, "/periods", **body | {"started_on": "24/11/2026"}) == 422
    assert (
        press(officer, ticket, f"/periods/{period.id}/extension", ground="asked", reason="Data bank diminta")
        == 303
    )
    assert press(officer, ticket, f"/periods/{period.id}/end", outcome="answered") == 303


def test_compliance_reads_what_the_regulator_asks_and_records_nothing(app: Flask, rt: Runtime) -> None:
    ticket = a_ticket(rt)
    officer = sign_in(app, a_user(rt, Role.COMPLIANCE))
    assert officer.get(address(ticket, "/regulation")).status_code == 200
    for part in (
        "/periods", "/periods/1/end", "/periods/1/extension",
        "/form", "/conversion", "/documents", "/documents/complete", "/documents/extension",
        "/documents/refusal", "/extension", "/extension/preview",
    ):  # fmt: skip
        assert officer.post(address(ticket, part)).status_code == 403, part


@pytest.mark.parametrize("part", ["end", "extension", "letter"])
def test_a_period_of_a_number_too_long_for_any_is_not_found(app: Flask, rt: Runtime, part: str) -> None:
    officer, place = sign_in(app, a_user(rt, Role.SUPERVISOR)), address(a_ticket(rt), f"/periods/{'9' * 23}/")
    officer.get("/queue")
    answer = (
        officer.get(place + part) if part == "letter" else officer.post(place + part, reason="Data dari bank")
    )
    assert answer.status_code == 404


def test_a_period_from_before_the_receipt_is_refused_in_words(app: Flask, rt: Runtime) -> None:
    ticket = a_ticket(rt)
    officer = sign_in(app, a_user(rt, Role.SUPERVISOR))
    body = {"code": "C6", "started_on": "0001-01-01", "subject": "Kronologi"}
    assert press(officer, ticket, "/periods", **body) == 422
    assert "Tanggal ini sebelum pengaduan diterima." in officer.text


def test_an_agent_does_not_record_for_the_supervisor(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(teams=PAY), ticket)
    assert visit.post(address(ticket, "/periods"), code="C6").status_code == 403


def test_who_may_not_see_the_ticket_sees_none_of_it(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    stranger = signed_in(teams=("digital",))
    for part in ("/regulation", "/extension", "/extensions/1/letter", "/periods/1/letter"):
        assert stranger.get(address(ticket, part)).status_code == 404


def test_the_answered_ticket_and_its_letter_say_until_when_she_may_go_to_ojk(
    rt: Runtime, signed_in: SignIn
) -> None:
    ticket = a_ticket(rt)
    rt.write(lambda session: resolve(session, session.get_one(Ticket, ticket.id), now=NOW))
    visit = opened(signed_in(teams=PAY), ticket)
    assert "Mitra boleh ke OJK sampai" in visit.text
    visit.get(address(ticket, "/letter"))
    assert "boleh mengadu ke OJK (telepon 157) sampai" in visit.text


def test_the_page_takes_few_statements_for_it(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = signed_in(teams=PAY)
    press(visit, ticket, "/documents", items="supporting")
    opened(visit, ticket)
    with counted(rt.engine) as seen:
        opened(visit, ticket)
    assert len(seen) < 60


def test_every_refusal_and_outcome_has_words() -> None:
    assert set(Refusal) <= set(REFUSALS)
    outcomes = {each for rule in shipped_regulation().rules.values() for each in rule.outcomes}
    assert outcomes <= set(OUTCOMES)
