"""Shipped policies of a newer release: published where nobody has edited, told where somebody has."""

import pytest
from factories import NOW
from overlap import overlap
from policy_office import CODE, DAY, LATER, Office, current, faster, resolution, rows
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from helpdesk.models.sla import SlaPolicyEdition, SlaPolicyRow, SlaTargetRow
from helpdesk.queries import policies
from helpdesk.runtime import Runtime
from helpdesk.services import policy_editions as editions
from helpdesk.services.setup import seed_reference
from helpdesk.sla import policy_edits
from helpdesk.sla.policy_document import write_document


@pytest.fixture
def office(rt: Runtime) -> Office:
    return Office(rt)


def older(session: Session, code: str = CODE) -> None:
    """Make one policy what an earlier release shipped: version 1, without a cap, and the editions with it."""
    row_id = session.scalars(select(SlaPolicyRow.id).where(SlaPolicyRow.code == code)).one()
    session.execute(update(SlaPolicyRow).where(SlaPolicyRow.id == row_id).values(version=1))
    session.execute(
        update(SlaTargetRow).where(SlaTargetRow.policy_id == row_id).values(pause_cap_seconds=None)
    )
    session.execute(delete(SlaPolicyEdition))


def test_a_newer_shipped_policy_is_published_where_nobody_has_edited(rt: Runtime) -> None:
    rt.write(older)
    rt.write(lambda session: seed_reference(session, now=LATER))
    assert rows(rt, CODE) == [(1, False), (2, True)]
    assert resolution(current(rt)[CODE]).pause_cap == 10 * DAY
    assert [row.version for row in rt.read(policies.editions)] == [2, 1]
    first = rt.read(lambda session: policies.edition(session, 1))
    assert policy_edits.find(first, CODE).version == 1
    assert rt.read(policies.unseen_shipped) == ()


def with_older_edition(session: Session) -> None:
    older(session)
    found = policies.current(session)
    session.add(
        SlaPolicyEdition(
            version=1,
            document=write_document(found),
            note="",
            created_at=NOW,
            updated_at=NOW,
            published_at=NOW,
        )
    )


def test_edited_policies_are_not_overwritten_by_a_release_but_told(rt: Runtime, office: Office) -> None:
    rt.write(with_older_edition)
    office.published(faster(5, "service-s4"))
    before = current(rt)
    rt.write(lambda session: seed_reference(session, now=LATER))
    assert current(rt) == before
    assert rt.read(policies.unseen_shipped) == (CODE,)
    office.open(is_shipped=True)
    office.submit("Bawaan baru")
    office.publish()
    assert rt.read(policies.unseen_shipped) == ()
    assert resolution(current(rt)[CODE]).pause_cap == 10 * DAY


def test_a_release_waits_while_somebody_works_on_a_draft(rt: Runtime, office: Office) -> None:
    rt.write(with_older_edition)
    office.open()
    rt.write(lambda session: seed_reference(session, now=LATER))
    assert rows(rt, CODE) == [(1, True)]
    office.discard()
    rt.write(lambda session: seed_reference(session, now=LATER))
    assert rows(rt, CODE) == [(1, False), (2, True)]


def test_two_installations_of_a_release_at_once_publish_once(rt: Runtime) -> None:
    rt.write(with_older_edition)
    overlap(
        rt,
        lambda session: editions.seed_editions(session, now=NOW),
        lambda session: editions.seed_editions(session, now=LATER),
    )
    assert rows(rt, CODE) == [(1, False), (2, True)]
    assert [row.version for row in rt.read(policies.editions)] == [2, 1]
