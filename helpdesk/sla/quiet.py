"""Which notices go out besides the application, and when they have to wait for the morning (domain.md 7.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache

from helpdesk.domain.errors import InvalidInput
from helpdesk.domain.quiet_hours import QuietHours
from helpdesk.domain.taxonomy import Severity
from helpdesk.sla.ladder import shipped_document
from helpdesk.sla.reading import read_list, read_mapping, read_text, read_words


@dataclass(frozen=True, slots=True)
class NoticeRules:
    """Kinds of notice that leave the application, and the local hours in which all but the gravest wait."""

    kinds: frozenset[str]
    quiet_from: time
    quiet_until: time
    """The first instant after the quiet hours; earlier in the day than `quiet_from` where they span midnight."""
    despite_quiet: frozenset[Severity]

    def goes_out_at(self, now: datetime, *, zone: str, severity: Severity) -> datetime:
        """Return when a notice of `now` may reach a person in `zone`: at once, or when her quiet hours end."""
        if severity in self.despite_quiet:
            return now
        return QuietHours(self.quiet_from, self.quiet_until).free_at(now, zone=zone)


def load_notice_rules(mapping: Mapping[str, object]) -> NoticeRules:
    """Read the `notices` of a document. Raises InvalidInput."""
    entry = read_mapping(mapping.get("notices"), "notices", allowed=("kinds", "quiet"))
    quiet = read_mapping(entry.get("quiet"), "notices.quiet", allowed=("from", "until", "except"))
    return NoticeRules(
        kinds=frozenset(str(kind) for kind in read_list(entry.get("kinds"), "notices.kinds")),
        quiet_from=_read_time(quiet, "from"),
        quiet_until=_read_time(quiet, "until"),
        despite_quiet=read_words(Severity, quiet.get("except"), "notices.quiet.except") or frozenset(),
    )


@cache
def shipped_notice_rules() -> NoticeRules:
    """Return what data/escalation.yaml says of notices."""
    return load_notice_rules(shipped_document())


def _read_time(mapping: Mapping[str, object], key: str) -> time:
    text = read_text(mapping, key, "notices.quiet")
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise InvalidInput(
            f"notices.quiet.{key}: a local time such as 21:00 is needed, not {text!r}",
            field=f"notices.quiet.{key}",
        ) from None
