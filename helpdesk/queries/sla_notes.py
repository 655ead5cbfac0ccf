"""What happened to the regulator's clock, as sentences of its explanation: the form, and extensions of the time."""

from collections.abc import Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

from helpdesk.queries.regulation import ExtensionRow, RegulationView
from helpdesk.queries.sla_words import Pair, due, moment
from helpdesk.sla.policy import Form, Metric

_FORMS: Mapping[Form, Pair] = {Form.LISAN: ("lisan", "verbal"), Form.TERTULIS: ("tertulis", "written")}


def notes_of(view: RegulationView, zone: str) -> dict[Metric, Sequence[Pair]]:
    """Return the sentences by metric, in the order in which things happened."""
    return {
        Metric.REGULATORY: [*_form(view), *(_extension(each, ZoneInfo(zone)) for each in view.extensions)]
    }


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


def _extension(each: ExtensionRow, zone: ZoneInfo) -> Pair:
    at, before, after = moment(each.at, zone), due(each.due_before, zone), due(each.due_after, zone)
    ground = (each.ground.name_id, each.ground.name_en) if each.ground else ("", "")
    party = f" ({each.party})" if each.party else ""
    return (
        f"Diperpanjang {at[0]} menurut {each.article}: {ground[0]}{party}; "
        f"batasnya dari {before[0]} menjadi {after[0]}.",
        f"Extended {at[1]} under {each.article}: {ground[1]}{party}; "
        f"it was due {before[1]} and is due {after[1]}.",
    )
