"""Ways of notices besides the application: on the page of a user, and what got stuck for operations."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from ticket_stories import SignIn, a_ticket
from visits import Visit, a_user, stored

from helpdesk.domain.channel_faults import ChannelFault
from helpdesk.domain.messages import ChannelCode
from helpdesk.models.people import NoticeDelivery, Notification, Role, User
from helpdesk.models.tickets import AuditEntry
from helpdesk.runtime import Runtime
from helpdesk.services import channel_alarms

TYPED = {"name": "Rina", "role": "agent", "position": "HO", "unit": "HO"}


@pytest.fixture
def admin(signed_in: SignIn) -> Visit:
    visit = signed_in(Role.ADMIN)
    visit.get("/admin")
    return visit


def ways_of(rt: Runtime, user: User) -> tuple[str | None, list[str]]:
    row = stored(rt, select(User).where(User.id == user.id))[0]
    return row.phone, row.notify_via


def test_an_administrator_sets_phone_and_ways(admin: Visit, rt: Runtime) -> None:
    user = a_user(rt, Role.AGENT)
    place = f"/admin/users/{user.public_id}"
    admin.get(place)
    assert "Email belum menyala" in admin.text
    admin.send(place, **TYPED, phone="0813 1111 2222", notify_via=["sms", "email"])
    assert "Perubahan disimpan." in admin.text
    assert ways_of(rt, user) == ("+6281311112222", ["email", "sms"])
    admin.get(place)
    assert 'value="+6281311112222"' in admin.page
    assert admin.page.count('name="notify_via"') == 3
    assert admin.page.count("checked") == 2
    entry = stored(rt, select(AuditEntry).where(AuditEntry.kind == "user_notices_changed"))[0]
    assert entry.data == {"user": user.public_id, "via": "email, sms"}  # no number in the audit trail
    admin.send(place, **TYPED)
    assert ways_of(rt, user) == (None, [])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"phone": "123", "notify_via": ["email"]}, "Nomor HP belum benar."),
        ({"notify_via": ["whatsapp"]}, "WhatsApp dan SMS perlu nomor HP."),
        ({"notify_via": ["merpati"]}, "Pilih satu."),
    ],
)
def test_a_way_that_cannot_be_gone_is_told_and_nothing_is_changed(
    admin: Visit, rt: Runtime, change: dict[str, object], words: str
) -> None:
    user = a_user(rt, Role.AGENT)
    place = f"/admin/users/{user.public_id}"
    admin.get(place)
    assert admin.post(place, **(TYPED | change)).status_code == 422
    assert words in admin.text
    row = stored(rt, select(User).where(User.id == user.id))[0]
    assert (row.name, row.phone, row.notify_via) == (user.name, None, [])


def test_a_new_account_may_have_ways_at_once(admin: Visit, rt: Runtime) -> None:
    admin.get("/admin/users/new")
    admin.post("/admin/users/new", **TYPED, email="rina@contoh.id", notify_via=["email"])
    assert stored(rt, select(User).where(User.email == "rina@contoh.id"))[0].notify_via == ["email"]


def test_operations_see_which_channel_its_provider_refuses(admin: Visit, rt: Runtime) -> None:
    admin.get("/admin/operations")
    assert "Kanal yang bermasalah" not in admin.text

    def write(session: Session) -> None:
        for channel, fault, code in (("sms", "country", "21408"), ("telegram", "auth", "invalid_token")):
            channel_alarms.note(session, ChannelCode(channel), ChannelFault(fault), code=code, now=rt.now())

    rt.write(write)
    admin.get("/admin")
    assert "Kanal yang bermasalah: SMS, Telegram." in admin.text
    admin.get("/admin/operations")
    shown = admin.text.partition("Kanal yang bermasalah")[2].partition("Pesan masuk")[0]
    assert shown.index("Telegram berhenti Penyedia menolak token kami.") < shown.index("SMS Negara tujuan")
    assert admin.client.get("/readyz").get_json()["stopped_channels"] == ["telegram"]
    assert b'helpdesk_channel_fault{channel="sms",fault="country"} 1.0' in admin.client.get("/metrics").data


def test_operations_see_what_did_not_go_out_and_nobody_s_name(admin: Visit, rt: Runtime) -> None:
    user, ticket = a_user(rt, Role.AGENT), a_ticket(rt)

    def write(session: object) -> None:
        notice = Notification(user_id=user.id, ticket_id=ticket.id, kind="escalated", created_at=rt.now())
        session.add(notice)  # type: ignore[attr-defined]
        session.flush()  # type: ignore[attr-defined]
        session.add_all(  # type: ignore[attr-defined]
            NoticeDelivery(notification_id=notice.id, via="email", status=status, error_code=code)
            for status, code in (
                ("failed", "550"),
                ("failed", "550"),
                ("unknown", "connection_lost"),
                ("sent", None),
            )
        )

    admin.get("/admin/operations")
    assert "Pemberitahuan ke petugas yang menunggu atau gagal Tidak ada. Bagus." in admin.text
    rt.write(write)
    admin.get("/admin/operations")
    shown = admin.text.partition("Pemberitahuan ke petugas yang menunggu atau gagal")[2]
    assert "Email gagal terkirim 550 2" in shown
    assert "Email tidak pasti sampai connection_lost 1" in shown
    assert user.name not in shown
