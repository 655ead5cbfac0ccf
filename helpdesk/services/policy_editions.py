"""Editions of the SLA policies: one draft at a time, published by a second person; every edition is kept."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from helpdesk.models.people import User
from helpdesk.models.policies import policies_in_force
from helpdesk.models.sla import SlaPolicyEdition, SlaPolicyRow
from helpdesk.services.policies import put_in_force
from helpdesk.services.trail import audit
from helpdesk.sla.policy import SlaPolicy, shipped_policies
from helpdesk.sla.policy_changes import ChangeKind, PolicyChange, compare, is_same, lines
from helpdesk.sla.policy_checks import check_policies, errors, has_warnings
from helpdesk.sla.policy_document import fingerprint, parse_document, write_document
from helpdesk.sla.policy_edits import Policies

MAX_NOTE = 1000

Edit = Callable[[Policies], Policies]


def open_draft(
    session: Session,
    *,
    author_id: int,
    edition: int | None = None,
    is_shipped: bool = False,
    actor: str,
    now: datetime,
) -> None:
    """Begin a draft: of the policies in force, of an earlier edition, or of those that this release ships.

    The author's own draft is simply gone on with when neither is named. Raises Conflict where there is a draft,
    NotFound for an unknown edition.
    """
    _lock(session, now=now)
    draft = _draft(session)
    if draft is not None:
        if draft.author_id == author_id and edition is None and not is_shipped:
            return
        raise Conflict("there is a draft already", code="draft_exists")
    newest = session.scalars(_published().limit(1)).one()
    document = newest.document
    if edition is not None:
        document = _edition(session, edition).document
    elif is_shipped:
        document = write_document(shipped_policies())
    row = SlaPolicyEdition(document=document, note="", author_id=author_id, created_at=now, updated_at=now)
    session.add(row)
    session.flush()
    data: dict[str, object] = {"edition": newest.version}
    if edition is not None:
        data["restored"] = edition
    audit(session, "sla_policy_drafted", actor=actor, at=now, data=data)


def change_draft(session: Session, edit: Edit, *, seen: str, author_id: int, now: datetime) -> None:
    """Change the draft; a request for the second person is withdrawn with it.

    Raises Conflict without a draft or where it is another than was seen, Forbidden for all but its author,
    and what `edit` raises.
    """
    draft = _seen_draft(session, seen, now=now)
    _require_author(draft, author_id)
    before = parse_document(draft.document)
    after = edit(before)
    _refuse_retired_codes(session, before, after)
    draft.document = write_document(after)
    draft.updated_at, draft.submitted_at = now, None
    session.flush()


def submit(
    session: Session,
    note: str,
    *,
    seen: str,
    author_id: int,
    has_read_warnings: bool,
    actor: str,
    now: datetime,
) -> None:
    """Ask for the second person. Raises InvalidInput without a reason, without a change, or with a fault in it."""
    draft = _seen_draft(session, seen, now=now)
    _require_author(draft, author_id)
    if draft.submitted_at is not None:
        raise Conflict("it waits for the second person already", code="submitted")
    reason = _text(note, "note")
    changes = compare(_standing(session), parse_document(draft.document))
    if is_same(changes):
        raise InvalidInput("the draft changes nothing", field="note", code="no_change")
    _require_sound(parse_document(draft.document), has_read_warnings=has_read_warnings)
    draft.note, draft.submitted_at, draft.updated_at = reason, now, now
    draft.sent_back_reason = None
    session.flush()
    audit(
        session, "sla_policy_submitted", actor=actor, at=now, data={"note": reason, "changes": told(changes)}
    )


def discard(session: Session, *, seen: str, user_id: int, actor: str, now: datetime) -> None:
    """Throw the draft away; it is kept with who did it. Any administrator may: authors leave."""
    draft = _seen_draft(session, seen, now=now)
    draft.discarded_at, draft.updated_at, draft.decided_by_id = now, now, user_id
    session.flush()
    audit(
        session,
        "sla_policy_discarded",
        actor=actor,
        at=now,
        data={"author": _public_id(session, draft.author_id)},
    )


def send_back(session: Session, reason: str, *, seen: str, user_id: int, actor: str, now: datetime) -> None:
    """Give the draft back to its author. Raises Forbidden for the author, InvalidInput without a reason."""
    draft = _submitted_draft(session, seen, user_id, now=now)
    draft.sent_back_reason = _text(reason, "reason")
    draft.submitted_at, draft.updated_at, draft.decided_by_id = None, now, user_id
    session.flush()
    data = {"reason": draft.sent_back_reason, "author": _public_id(session, draft.author_id)}
    audit(session, "sla_policy_sent_back", actor=actor, at=now, data=data)


def publish(
    session: Session, *, seen: str, user_id: int, has_read_warnings: bool, actor: str, now: datetime
) -> int:
    """Put the draft in force and return the number of its edition. Clocks that run keep their promise.

    Raises Conflict without a draft that waits or where it is another than was seen, Forbidden for the author,
    InvalidInput with a fault in it or unread warnings.
    """
    draft = _submitted_draft(session, seen, user_id, now=now)
    wanted = parse_document(draft.document)
    _require_sound(wanted, has_read_warnings=has_read_warnings)
    before = _standing(session)
    policies = put_in_force(session, wanted, now=now)
    draft.document, draft.version = write_document(policies), _next_version(session)
    draft.published_at, draft.updated_at, draft.decided_by_id = now, now, user_id
    session.flush()
    data = {
        "version": draft.version,
        "author": _public_id(session, draft.author_id),
        "note": draft.note,
        "changes": told(compare(before, policies)),
    }
    audit(session, "sla_policy_published", actor=actor, at=now, data=data)
    return draft.version


def seed_editions(session: Session, *, now: datetime) -> None:
    """Publish what the package ships where nobody has edited: as edition 1, and newer versions as further ones.

    Once a person has published an edition or works on a draft, theirs stays as it is (queries/policies.py tells).
    """
    if _standing(session):
        _lock(session, now=now)
    standing = _standing(session)
    wanted = _with_newer_shipped(session, standing)
    if not _is_edited(session) and not (standing and is_same(compare(standing, wanted))):
        _add_edition(session, put_in_force(session, wanted, now=now), now=now)


def told(changes: Sequence[PolicyChange]) -> list[str]:
    """Return what changes as lines for the audit trail."""
    said: list[str] = []
    for change in changes:
        if change.kind is ChangeKind.SAME:
            continue
        version = f" v{change.after.version}" if change.after else ""
        said.append("; ".join([f"{change.code}{version} {change.kind}", *lines(change)]))
    return said


def _is_edited(session: Session) -> bool:
    newest = session.scalars(_published().limit(1)).one_or_none()
    return (newest is not None and newest.author_id is not None) or _draft(session) is not None


def _with_newer_shipped(session: Session, standing: Sequence[SlaPolicy]) -> Policies:
    """Return the policies in force with those shipped ones in them that are newer than any version there ever was."""
    newest = dict(
        session.execute(
            select(SlaPolicyRow.code, func.max(SlaPolicyRow.version)).group_by(SlaPolicyRow.code)
        ).all()
    )
    shipped = {policy.code: policy for policy in shipped_policies()}
    is_newer = {code: policy.version > newest.get(code, 0) for code, policy in shipped.items()}
    in_force = {policy.code: policy for policy in standing}
    own = [policy for policy in standing if policy.code not in shipped]
    merged = [
        policy if is_newer[policy.code] else in_force[policy.code]
        for policy in shipped.values()
        if is_newer[policy.code] or policy.code in in_force
    ]
    return (*merged[:-1], *own, *merged[-1:])


def _add_edition(session: Session, policies: Sequence[SlaPolicy], *, now: datetime) -> None:
    session.add(
        SlaPolicyEdition(
            version=_next_version(session),
            document=write_document(policies),
            note="",
            created_at=now,
            updated_at=now,
            published_at=now,
        )
    )
    session.flush()


def _lock(session: Session, *, now: datetime) -> None:
    """Put all who change editions in line: the first edition is there for ever, and is their lock."""
    if session.scalar(select(SlaPolicyEdition.id).where(SlaPolicyEdition.version == 1)) is None:
        _add_edition(session, _standing(session), now=now)
    session.execute(select(SlaPolicyEdition.id).where(SlaPolicyEdition.version == 1).with_for_update())


def _draft(session: Session) -> SlaPolicyEdition | None:
    return session.scalars(
        select(SlaPolicyEdition)
        .where(SlaPolicyEdition.published_at.is_(None), SlaPolicyEdition.discarded_at.is_(None))
        .execution_options(populate_existing=True)
    ).one_or_none()


def _seen_draft(session: Session, seen: str, *, now: datetime) -> SlaPolicyEdition:
    _lock(session, now=now)
    draft = _draft(session)
    if draft is None:
        raise Conflict("there is no draft any more", code="no_draft")
    if fingerprint(draft.document, draft.note) != seen:
        raise Conflict("the draft has changed since it was looked at", code="draft_changed")
    return draft


def _submitted_draft(session: Session, seen: str, user_id: int, *, now: datetime) -> SlaPolicyEdition:
    _lock(session, now=now)
    standing = _draft(session)
    if standing is not None and standing.author_id == user_id:  # before whether she saw its last change
        raise Forbidden("an author is not the second person")
    draft = _seen_draft(session, seen, now=now)
    if draft.submitted_at is None:
        raise Conflict("the author has not asked for the second person", code="not_submitted")
    return draft


def _require_author(draft: SlaPolicyEdition, user_id: int) -> None:
    if draft.author_id != user_id:
        raise Forbidden("only the author changes a draft")


def _require_sound(policies: Sequence[SlaPolicy], *, has_read_warnings: bool) -> None:
    findings = check_policies(policies)
    if errors(findings):
        raise InvalidInput("the draft has faults", field="note", code="policy_faults")
    if has_warnings(findings) and not has_read_warnings:
        raise InvalidInput("its warnings have not been read", field="read", code="warnings_unread")


def _refuse_retired_codes(session: Session, before: Policies, after: Policies) -> None:
    """A new policy takes no code that another one had: reports would count both as one."""
    new = {policy.code for policy in after} - {policy.code for policy in before}
    used = session.scalars(select(SlaPolicyRow.code).where(SlaPolicyRow.code.in_(new))).first()
    if used is not None:
        raise InvalidInput(f"the code {used} has been used", field="code", code="code_taken")


def _text(text: str, field: str) -> str:
    if not text.strip():
        raise InvalidInput("a reason is required", field=field, code="required")
    if len(text.strip()) > MAX_NOTE:
        raise InvalidInput(f"at most {MAX_NOTE} characters", field=field, code="too_long")
    return text.strip()


def _standing(session: Session) -> Policies:
    return tuple(policy for _, policy in policies_in_force(session))


def _published() -> Select[SlaPolicyEdition]:
    return (
        select(SlaPolicyEdition)
        .where(SlaPolicyEdition.version.is_not(None))
        .order_by(SlaPolicyEdition.version.desc())
    )


def _edition(session: Session, version: int) -> SlaPolicyEdition:
    row = session.scalars(select(SlaPolicyEdition).where(SlaPolicyEdition.version == version)).one_or_none()
    if row is None:
        raise NotFound(f"no edition {version}")
    return row


def _next_version(session: Session) -> int:
    return (session.scalar(select(func.max(SlaPolicyEdition.version))) or 0) + 1


def _public_id(session: Session, user_id: int | None) -> str:
    return session.scalar(select(User.public_id).where(User.id == user_id)) or ""
