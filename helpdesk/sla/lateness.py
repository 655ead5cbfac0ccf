"""Which broken promises of a ticket still want a reason."""

from collections.abc import Iterable
from datetime import datetime

from helpdesk.sla.policy import Metric


def unexplained(
    breaches: Iterable[tuple[Metric, datetime | None]], *, explained_at: datetime | None
) -> tuple[Metric, ...]:
    """Return the metrics, each once, whose breach came after the last answer that gave a late reason."""
    late = {
        metric for metric, at in breaches if at is not None and (explained_at is None or at > explained_at)
    }
    return tuple(metric for metric in Metric if metric in late)
