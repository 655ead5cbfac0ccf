"""Teams and calendars that ship with the product are named in the reader's language, others as typed."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from ticket_stories import SignIn

from helpdesk.models.people import Role, Team
from helpdesk.models.sla import SlaCalendar
from helpdesk.runtime import Runtime
from helpdesk.views.shipped_names import CALENDARS


def test_shipped_teams_and_calendars_are_read_in_english(signed_in: SignIn) -> None:
    visit = signed_in(Role.ADMIN)
    visit.get("/admin/teams?lang=en")
    assert "Consumer Protection Unit" in visit.text
    assert "Unit Pelindungan Konsumen" not in visit.text
    visit.get("/admin/calendars")
    assert "Service hours" in visit.text
    assert "Jam layanan" not in visit.text
    visit.get("/admin/teams?lang=id")
    assert "Unit Pelindungan Konsumen" in visit.text


def test_a_name_that_somebody_typed_stays(rt: Runtime, signed_in: SignIn) -> None:
    def rename(session: Session) -> None:
        session.execute(update(Team).where(Team.code == "perlindungan").values(name="Sahabat Mitra"))

    rt.write(rename)
    visit = signed_in(Role.ADMIN)
    visit.get("/admin/teams?lang=en")
    assert "Sahabat Mitra" in visit.text
    assert "Consumer Protection Unit" not in visit.text


def test_every_shipped_calendar_has_a_name_in_both_languages(rt: Runtime) -> None:
    names = rt.read(lambda session: set(session.scalars(select(SlaCalendar.name))))
    assert names == set(CALENDARS)
