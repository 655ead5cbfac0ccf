"""The severity matrix as a YAML document: read, replay on past tickets, publish as the next version."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import yaml
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.lifecycle import TicketKind
from helpdesk.domain.messages import Direction
from helpdesk.domain.severity import Severity, SeverityMatrix
from helpdesk.models.messages import Message
from helpdesk.models.sla import MatrixVersion
from helpdesk.models.tickets import Ticket
from helpdesk.services.trail import audit
from helpdesk.services.triage import current_matrix

BATCH = 200

_VERSION_LINE = re.compile(r"^version:.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What two matrices say of one past ticket."""

    number: str
    category: str | None
    before: Severity
    after: Severity
    rules: tuple[str, ...]
    """Of the new judgement."""


def parse_matrix(document: str) -> SeverityMatrix:
    """Read a YAML document. Raises InvalidInput that says where it is broken, or names every fault."""
    try:
        mapping = yaml.safe_load(document)
    except yaml.MarkedYAMLError as error:
        line = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise InvalidInput(f"broken YAML{line}: {error.problem}", field="document", code="yaml") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidInput(f"broken YAML: {error}", field="document", code="yaml") from None
    if not isinstance(mapping, dict):
        raise InvalidInput("a severity matrix is a mapping of keys to values", field="document", code="yaml")
    return SeverityMatrix.from_mapping(mapping)


def publish(session: Session, document: str, *, actor: str, now: datetime) -> int:
    """Publish a document as the next version and return that; tickets rated before keep theirs."""
    parse_matrix(document)
    version = (session.scalar(select(func.max(MatrixVersion.version))) or 0) + 1
    row = MatrixVersion(
        version=version, document=_numbered(document, version), published_at=now, published_by=actor
    )
    session.add(row)
    session.flush()
    audit(session, "matrix_published", actor=actor, at=now, data={"version": version})
    return version


def replay(
    session: Session,
    matrix: SeverityMatrix,
    *,
    last: int,
    on_progress: Callable[[int], None] = lambda _count: None,
) -> list[Replayed]:
    """Judge the newest `last` complaints by the published matrix and by `matrix`, from what is stored.

    Both judge the same words: a difference is the matrix's doing. `on_progress` hears each batch's size.
    """
    published = current_matrix(session)
    ids = session.scalars(
        select(Ticket.id)
        .where(Ticket.kind == TicketKind.COMPLAINT)
        .order_by(Ticket.received_at.desc(), Ticket.id.desc())
        .limit(last)
    ).all()
    replayed = []
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        for ticket, text in _stories(session, batch):
            before = published.assess(ticket.category_code, text=text, amount=ticket.amount)
            after = matrix.assess(ticket.category_code, text=text, amount=ticket.amount)
            rules = tuple(reason.rule for reason in after.reasons)
            replayed.append(Replayed(ticket.number, ticket.category_code, before.level, after.level, rules))
        on_progress(len(batch))
    return replayed


def _stories(session: Session, ids: Sequence[int]) -> Iterator[tuple[Ticket, str]]:
    said: dict[int, list[str]] = {}
    messages = session.execute(
        select(Message.ticket_id, Message.body)
        .where(Message.ticket_id.in_(ids), Message.direction == Direction.IN)
        .order_by(Message.id)
    )
    for ticket_id, body in messages:
        said.setdefault(ticket_id, []).append(body)
    for ticket in session.scalars(
        select(Ticket).where(Ticket.id.in_(ids)).order_by(Ticket.received_at.desc())
    ):
        yield ticket, "\n".join(said.get(ticket.id, []))


def _numbered(document: str, version: int) -> str:
    """Return the document with this version number; its comments stay wherever its form allows."""
    line = f"version: {version}"
    rewritten, count = _VERSION_LINE.subn(line, document, count=1)
    if not count:
        rewritten = f"{line}\n{document}"
    try:
        is_right = parse_matrix(rewritten).version == version
    except InvalidInput:
        is_right = False
    if is_right:
        return rewritten
    mapping = {**yaml.safe_load(document), "version": version}
    return str(yaml.safe_dump(mapping, allow_unicode=True, sort_keys=False))
