"""Editions of the SLA policies: written by one, published by another, kept for ever."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from factories import NOW
from overlap import overlap
from policy_office import CODE, DAY, Office, Policies, current, entries, faster, resolution, rows
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from talk import tell

from helpdesk.domain.errors import Conflict, Forbidden, HelpdeskError, InvalidInput, NotFound
from helpdesk.models.people import User
from helpdesk.models.sla import SlaClockRow, SlaPolicyEdition, SlaPolicyRow
from helpdesk.queries import policies
from helpdesk.runtime import Runtime
from helpdesk.services import policy_editions as editions
from helpdesk.sla import policy_edits
from helpdesk.sla.policy import Metric, shipped_policies


@pytest.fixture
def office(rt: Runtime) -> Office:
    return Office(rt)


def test_a_second_person_puts_a_draft_in_force_and_only_what_changed_gets_a_version(
    rt: Runtime, office: Office
) -> None:
    before = current(rt)
    assert office.published(faster()) == 2
    after = current(rt)
    assert (after[CODE].version, resolution(after[CODE]).duration) == (3, 7 * DAY)
    assert resolution(after[CODE]).pause_cap == 10 * DAY
    assert {code for code in after if after[code] != before[code]} == {CODE}
    assert rows(rt, CODE) == [(2, False), (3, True)]
    assert rows(rt, "service-s1") == [(2, True)]
    assert list(after) == list(before)
    assert rt.read(policies.draft) is None


def test_who_wrote_and_who_published_stays_on_record(rt: Runtime, office: Office) -> None:
    office.published(faster())
    newest, first = rt.read(policies.editions)
    names = rt.read(lambda session: [name_of(session, who) for who in (office.author, office.second)])
    assert (newest.version, newest.author, newest.decided_by, newest.note) == (2, *names, "Lebih cepat")
    assert (first.version, first.author) == (1, None)
    kinds = [kind for kind, _ in entries(rt)]
    assert kinds == ["sla_policy_drafted", "sla_policy_submitted", "sla_policy_published"]
    published = entries(rt)[-1][1]
    assert published["version"] == 2
    assert published["changes"] == [
        f"{CODE} v3 changed; resolution: 8wd service pausable up to 10wd → 7wd service pausable up to 10wd"
    ]


def name_of(session: Session, user_id: int) -> str:
    return session.get_one(User, user_id).name


def test_a_clock_that_runs_keeps_the_version_it_was_given(rt: Runtime, office: Office) -> None:
    ticket_id = rt.write(lambda session: tell(session, now=NOW)).ticket_id

    def promise(session: Session) -> tuple[int, object]:
        row = session.scalars(
            select(SlaClockRow).where(
                SlaClockRow.ticket_id == ticket_id, SlaClockRow.metric == Metric.RESOLUTION
            )
        ).one()
        return session.get_one(SlaPolicyRow, row.policy_id).version, row.due_at

    before = rt.read(promise)
    office.published(lambda old: faster(4, "service-s4")(faster(4)(old)))
    assert rt.read(promise) == before


def test_order_new_ones_and_retired_ones_take_effect(rt: Runtime, office: Office) -> None:
    special = replace(
        policy_edits.find(shipped_policies(), CODE),
        code="vip",
        version=1,
        severities=None,
        categories=frozenset({"PNG-KERAS"}),
    )

    def edit(before: Policies) -> Policies:
        after = policy_edits.added(before, special)
        after = policy_edits.moved(after, "service-s2", is_up=True)
        return policy_edits.without(after, "service-s4")

    office.published(edit)
    order = list(current(rt))
    assert order[0] == "vip"
    assert order.index("service-s2") < order.index("service-s1")
    assert rows(rt, "service-s4") == [(2, False)]
    assert rows(rt, "vip") == [(1, True)]
    assert rows(rt, "service-s2") == [(2, True)]  # another rank is no other version


@pytest.mark.parametrize("act", ["publish", "send_back"])
def test_an_author_is_never_the_second_person(rt: Runtime, office: Office, act: str) -> None:
    office.open()
    office.change(faster())
    office.submit()
    with pytest.raises(Forbidden):
        getattr(office, act)(who=office.author)
    assert resolution(current(rt)[CODE]).duration == 8 * DAY


def test_nobody_but_the_author_changes_a_draft_or_asks_for_it(office: Office) -> None:
    office.open()
    with pytest.raises(Forbidden):
        office.change(faster(), office.third)
    office.change(faster())
    with pytest.raises(Forbidden):
        office.submit(who=office.third)


def test_there_is_one_draft_at_a_time(rt: Runtime, office: Office) -> None:
    office.open()
    office.change(faster())
    office.open()  # the author goes on with it
    with pytest.raises(Conflict) as refused:
        office.open(office.third)
    assert refused.value.code == "draft_exists"
    with pytest.raises(Conflict):
        office.open(edition=1)  # nor is it replaced unasked
    assert [kind for kind, _ in entries(rt)] == ["sla_policy_drafted"]


def test_what_the_second_person_did_not_see_is_not_published(rt: Runtime, office: Office) -> None:
    office.open()
    office.change(faster())
    office.submit()
    seen = office.seen
    office.change(faster(6))
    with pytest.raises(Conflict) as refused:
        office.publish(seen=seen)
    assert refused.value.code == "draft_changed"
    with pytest.raises(Conflict) as refused:
        office.publish()  # the change has withdrawn the request
    assert refused.value.code == "not_submitted"
    office.submit()
    with pytest.raises(Conflict):
        office.publish(seen=seen)
    assert office.publish() == 2
    assert resolution(current(rt)[CODE]).duration == 6 * DAY


def test_another_reason_is_another_draft(office: Office) -> None:
    office.open()
    office.change(faster())
    office.submit("Sebab satu")
    seen = office.seen
    office.send_back()
    office.submit("Sebab lain")
    with pytest.raises(Conflict):
        office.publish(seen=seen)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1001])
def test_a_draft_needs_a_reason_and_so_does_sending_it_back(office: Office, reason: str) -> None:
    office.open()
    office.change(faster())
    with pytest.raises(InvalidInput):
        office.submit(reason)
    office.submit()
    with pytest.raises(InvalidInput):
        office.send_back(reason)


def test_a_draft_that_changes_nothing_is_not_submitted(office: Office) -> None:
    office.open()
    with pytest.raises(InvalidInput) as refused:
        office.submit()
    assert refused.value.code == "no_change"


def test_a_draft_against_the_law_is_neither_submitted_nor_published(rt: Runtime, office: Office) -> None:
    office.open()
    office.change(unlawful)
    with pytest.raises(InvalidInput) as refused:
        office.submit()
    assert refused.value.code == "policy_faults"
    # A later release may check more than the one under which it was submitted.
    rt.write(lambda session: session.execute(update(SlaPolicyEdition).values(submitted_at=NOW)))
    with pytest.raises(InvalidInput):
        office.publish()
    assert rows(rt, CODE) == [(2, True)]


def unlawful(before: Policies) -> Policies:
    policy = policy_edits.find(before, CODE)
    targets = tuple(
        replace(target, duration=timedelta(days=11)) if target.metric is Metric.REGULATORY else target
        for target in policy.targets
    )
    return policy_edits.replaced(before, replace(policy, targets=targets))


def test_warnings_must_have_been_read_by_both(office: Office) -> None:
    office.open()
    office.change(faster(11))  # later than the regulator's limit
    with pytest.raises(InvalidInput) as refused:
        office.submit(has_read=False)
    assert refused.value.code == "warnings_unread"
    office.submit()
    with pytest.raises(InvalidInput):
        office.publish(has_read=False)
    assert office.publish() == 2


def test_a_draft_that_is_sent_back_can_be_mended_and_asked_for_again(rt: Runtime, office: Office) -> None:
    office.open()
    office.change(faster())
    office.submit()
    office.send_back("Enam hari saja")
    draft = rt.read(policies.draft)
    assert draft is not None
    assert (draft.is_submitted, draft.sent_back_reason) == (False, "Enam hari saja")
    office.change(faster(6))
    office.submit()
    assert office.publish() == 2
    assert entries(rt)[2][0] == "sla_policy_sent_back"
    assert entries(rt)[2][1]["reason"] == "Enam hari saja"


def test_a_discarded_draft_leaves_everything_as_it_was(rt: Runtime, office: Office) -> None:
    office.open()
    office.change(faster())
    seen = office.seen
    office.discard()
    assert rt.read(policies.draft) is None
    assert rows(rt, CODE) == [(2, True)]
    with pytest.raises(Conflict) as refused:
        office.publish(seen=seen)
    assert refused.value.code == "no_draft"
    office.open(office.third)
    assert [kind for kind, _ in entries(rt)] == [
        "sla_policy_drafted",
        "sla_policy_discarded",
        "sla_policy_drafted",
    ]


def test_an_old_edition_is_restored_by_a_draft_and_versions_go_on(rt: Runtime, office: Office) -> None:
    office.published(lambda before: policy_edits.without(faster()(before), "service-s4"))
    office.open(edition=1)
    office.submit("Kembali ke semula")
    assert office.publish() == 3
    assert (current(rt)[CODE].version, resolution(current(rt)[CODE]).duration) == (4, 8 * DAY)
    assert rows(rt, "service-s4") == [(2, False), (3, True)]
    assert [policy.code for policy in rt.read(policies.current)] == [each.code for each in shipped_policies()]
    assert ("sla_policy_drafted", {"edition": 2, "restored": 1}) in entries(rt)
    with pytest.raises(NotFound):
        office.open(edition=9)


def test_an_edition_can_be_read_with_the_versions_it_had(rt: Runtime, office: Office) -> None:
    office.published(faster())
    first, second = (
        {policy.code: policy for policy in rt.read(lambda session, n=n: policies.edition(session, n))}
        for n in (1, 2)
    )
    assert (first[CODE].version, second[CODE].version) == (2, 3)
    assert (resolution(first[CODE]).duration, resolution(second[CODE]).duration) == (8 * DAY, 7 * DAY)


def test_a_code_is_never_given_to_another_policy(office: Office) -> None:
    office.published(lambda before: policy_edits.without(before, "service-s4"))
    office.open()
    again = policy_edits.find(shipped_policies(), "service-s4")
    with pytest.raises(InvalidInput) as refused:
        office.change(lambda before: policy_edits.added(before, again))
    assert refused.value.code == "code_taken"


def test_of_two_second_persons_at_once_one_publishes(rt: Runtime, office: Office) -> None:
    office.open()
    office.change(faster())
    office.submit()
    seen = office.seen
    with pytest.raises(Conflict):
        overlap(rt, office.publishing(office.second, seen), office.publishing(office.third, seen))
    assert rows(rt, CODE) == [(2, False), (3, True)]
    assert [kind for kind, _ in entries(rt)].count("sla_policy_published") == 1
    assert rt.read(policies.editions)[0].version == 2


def test_a_change_at_the_same_time_is_not_published_unseen(rt: Runtime, office: Office) -> None:
    office.open()
    office.change(faster())
    office.submit()
    seen = office.seen

    def change(session: Session) -> None:
        editions.change_draft(session, faster(1), seen=seen, author_id=office.author, now=NOW)

    with pytest.raises(Conflict) as refused:
        overlap(rt, change, office.publishing(office.second, seen))
    assert refused.value.code == "draft_changed"
    assert rows(rt, CODE) == [(2, True)]


def test_two_who_begin_a_draft_at_once_get_one(rt: Runtime, office: Office) -> None:
    def begin(who: int) -> Callable[[Session], None]:
        return lambda session: editions.open_draft(session, author_id=who, actor="user:x", now=NOW)

    with pytest.raises(HelpdeskError):
        overlap(rt, begin(office.author), begin(office.third))
    drafts = rt.read(
        lambda session: session.scalars(
            select(SlaPolicyEdition.author_id).where(SlaPolicyEdition.version.is_(None))
        ).all()
    )
    assert drafts == [office.author]
