"""The page of paper batches: the slip of a new one first, then those that are there."""

from factories import make_unit
from visits import Visit, a_user, app_on, signed_in

from helpdesk.models.people import Role
from helpdesk.runtime import Runtime

SLIP = {"received_on": "20/11/2026", "form_count": "2", "amount_total": "", "number_total": "3"}


def test_a_new_batch_stands_above_the_list_however_long_it_is(rt: Runtime) -> None:
    point = rt.write(lambda session: make_unit(session, code="BGR", name="Titik Bogor"))
    visit: Visit = signed_in(app_on(rt), a_user(rt, Role.FIELD, unit=point))
    visit.get("/lwk")
    assert visit.post("/lwk", **SLIP).status_code == 303
    visit.get("/lwk")
    assert visit.page.index("Mulai batch") < visit.page.index("<tbody data-rows>")
