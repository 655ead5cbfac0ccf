"""Who edits the SLA policies in tests, and what the tests of editions look at."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from factories import NOW, make_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.models.people import Role
from helpdesk.models.sla import SlaPolicyRow
from helpdesk.models.tickets import AuditEntry
from helpdesk.queries import policies
from helpdesk.runtime import Runtime
from helpdesk.services import policy_editions as editions
from helpdesk.sla import policy_edits
from helpdesk.sla.policy import Metric, SlaPolicy, SlaTarget

CODE = "complaint-s3-tertulis"
DAY = timedelta(hours=8)
LATER = NOW + timedelta(hours=1)

Policies = tuple[SlaPolicy, ...]


class Office:
    """An author and the others, and what they do with the draft as they see it."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        self.author, self.second, self.third = (
            rt.write(lambda session, role=role: make_user(session, role).id)
            for role in (Role.ADMIN, Role.COMPLIANCE, Role.SUPERVISOR)
        )

    @property
    def seen(self) -> str:
        draft = self.rt.read(policies.draft)
        assert draft is not None
        return draft.seen

    def open(self, who: int | None = None, *, edition: int | None = None, is_shipped: bool = False) -> None:
        self.rt.write(
            lambda session: editions.open_draft(
                session,
                author_id=who or self.author,
                edition=edition,
                is_shipped=is_shipped,
                actor="user:author",
                now=NOW,
            )
        )

    def change(self, edit: Callable[[Policies], Policies], who: int | None = None, *, seen: str = "") -> None:
        sign = seen or self.seen
        self.rt.write(
            lambda session: editions.change_draft(
                session, edit, seen=sign, author_id=who or self.author, now=NOW
            )
        )

    def submit(self, note: str = "Lebih cepat", *, who: int | None = None, has_read: bool = True) -> None:
        sign = self.seen
        self.rt.write(
            lambda session: editions.submit(
                session,
                note,
                seen=sign,
                author_id=who or self.author,
                has_read_warnings=has_read,
                actor="user:author",
                now=NOW,
            )
        )

    def publish(self, who: int | None = None, *, seen: str = "", has_read: bool = True) -> int:
        return self.rt.write(self.publishing(who or self.second, seen or self.seen, has_read=has_read))

    def publishing(self, who: int, seen: str, *, has_read: bool = True) -> Callable[[Session], int]:
        return lambda session: editions.publish(
            session, seen=seen, user_id=who, has_read_warnings=has_read, actor=f"user:{who}", now=LATER
        )

    def send_back(self, reason: str = "Terlalu cepat", *, who: int | None = None) -> None:
        sign = self.seen
        self.rt.write(
            lambda session: editions.send_back(
                session, reason, seen=sign, user_id=who or self.second, actor="user:second", now=NOW
            )
        )

    def discard(self, *, seen: str = "") -> None:
        sign = seen or self.seen
        self.rt.write(
            lambda session: editions.discard(
                session, seen=sign, user_id=self.third, actor="user:third", now=NOW
            )
        )

    def published(self, edit: Callable[[Policies], Policies]) -> int:
        """Let a change go all the way."""
        self.open()
        self.change(edit)
        self.submit()
        return self.publish()


def faster(days: int = 7, code: str = CODE) -> Callable[[Policies], Policies]:
    """Return the change that lets a policy promise its answer in so many days."""

    def edit(before: Policies) -> Policies:
        policy = policy_edits.find(before, code)
        targets = tuple(
            replace(target, duration=days * DAY) if target.metric is Metric.RESOLUTION else target
            for target in policy.targets
        )
        return policy_edits.replaced(before, replace(policy, targets=targets))

    return edit


def resolution(policy: SlaPolicy) -> SlaTarget:
    target = policy.target(Metric.RESOLUTION)
    assert target is not None
    return target


def current(rt: Runtime) -> dict[str, SlaPolicy]:
    return {policy.code: policy for policy in rt.read(policies.current)}


def entries(rt: Runtime) -> list[tuple[str, dict[str, object]]]:
    return rt.read(
        lambda session: [
            (row.kind, row.data)
            for row in session.scalars(select(AuditEntry).order_by(AuditEntry.serial))
            if row.kind.startswith("sla_policy")
        ]
    )


def rows(rt: Runtime, code: str) -> list[tuple[int, bool]]:
    """Return (version, is in force) of every row of a policy."""
    return rt.read(
        lambda session: [
            (row.version, row.retired_at is None)
            for row in session.scalars(
                select(SlaPolicyRow).where(SlaPolicyRow.code == code).order_by(SlaPolicyRow.version)
            )
        ]
    )
