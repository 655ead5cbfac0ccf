"""What happened to the regulator's clock, as sentences of its explanation: the form, and extensions of the time."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from helpdesk.queries.regulation import ExtensionRow, RegulationView
from helpdesk.queries.sla import ClockLine
from helpdesk.queries.sla_words import Pair, due, in_words, moment
from helpdesk.sla.policy import Form, Metric
from helpdesk.sla.regulation import DAY, rule

_FORMS: Mapping[Form, Pair] = {Form.LISAN: ("lisan", "verbal"), Form.TERTULIS: ("tertulis", "written")}


def notes_of(view: RegulationView, zone: str, *, now: datetime) -> dict[Metric, Sequence[Pair]]:
    """Return the sentences by metric, in the order in which things happened."""
    return {
        Metric.REGULATORY: [
            *_form(view),
            *(_extension(each, ZoneInfo(zone), now=now) for each in view.extensions),
        ]
    }


def target_of(line: ClockLine, law: RegulationView | None) -> Pair:
    """Return the target of a clock in words: where it was extended, what was promised + what was added."""
    whole = in_words(line.target_seconds, line.calendar)
    added = [
        each
        for each in (law.extensions if law else ())
        if line.started_at <= each.at and (line.superseded_at is None or each.at < line.superseded_at)
    ]
    days = [extension.days for each in added if (extension := rule(each.code).extension)]
    first = line.target_seconds // int(DAY.total_seconds()) - sum(days)
    if not days or first < 1 or not line.calendar.is_day_based:
        return whole
    parts, articles = " + ".join(map(str, [first, *days])), ", ".join(each.article for each in added)
    return (
        f"{parts} hari kerja (perpanjangan menurut {articles})",
        f"{parts} working days (extended under {articles})",
    )


def why_ended(line: ClockLine, spent: Pair, law: RegulationView | None, *, now: datetime) -> Pair | None:
    """Say what in the law ended or replaced a clock; None where nothing did."""
    if law is None:
        return None
    longer = next((each for each in law.extensions if each.at == line.superseded_at), None)
    if longer is not None:
        until = due(longer.due_after, ZoneInfo(line.zone), now=now)
        return (
            f"Digantikan setelah {spent[0]}, karena waktunya diperpanjang sampai {until[0]}; "
            "tidak ada janji yang dilanggar.",
            f"Replaced after {spent[1]}, for its time was extended until {until[1]}; no promise was broken.",
        )
    if any(not each.is_by_hand and each.started_at == line.superseded_at for each in law.periods):
        return (
            f"Diakhiri setelah {spent[0]}, karena dokumen diminta dari Mitra: waktunya mulai dari awal sesudah "
            "dokumen lengkap.",
            f"Ended after {spent[1]}, for documents were asked for: its time begins anew when they are complete.",
        )
    return None


def awaited(view: RegulationView, zone: str, *, now: datetime) -> tuple[Pair, ...]:
    """Say until when documents are awaited: the regulator's time begins when they are complete."""
    if view.documents is None or not view.is_day_based:
        return ()
    until = due(view.documents.due_at, ZoneInfo(zone), now=now)
    if view.documents.due_at <= now:
        return (
            (
                f"Dokumen dari Mitra: waktunya lewat sejak {until[0]}.",
                f"Documents: overdue since {until[1]}.",
            ),
        )
    return (
        (
            f"Berikutnya: dokumen dari Mitra, {until[0]}: batas OJK mulai sesudah dokumen lengkap.",
            f"Next: documents of the contact, {until[1]}: the OJK deadline starts when they are complete.",
        ),
    )


def _form(view: RegulationView) -> Iterator[Pair]:
    if not view.is_form_overridden:
        return
    form, why = _FORMS[view.form], f": {view.form_reason}" if view.form_reason else ""
    if view.was_converted:
        yield (
            f"Bentuknya menjadi {form[0]}, karena kontak diminta menulis{why}.",
            f"Its form became {form[1]}, for the contact was asked to write{why}.",
        )
    else:
        yield (
            f"Bentuknya ditetapkan {form[0]} oleh petugas{why}.",
            f"Its form was set to {form[1]} by a person{why}.",
        )


def _extension(each: ExtensionRow, zone: ZoneInfo, *, now: datetime) -> Pair:
    at, before, after = (
        moment(each.at, zone, now=now),
        due(each.due_before, zone, now=now),
        due(each.due_after, zone, now=now),
    )
    ground = (each.ground.name_id, each.ground.name_en) if each.ground else ("", "")
    party = f" ({each.party})" if each.party else ""
    return (
        f"Diperpanjang {at[0]} menurut {each.article}: {ground[0]}{party}; "
        f"batasnya dari {before[0]} menjadi {after[0]}.",
        f"Extended {at[1]} under {each.article}: {ground[1]}{party}; "
        f"it was due {before[1]} and is due {after[1]}.",
    )
