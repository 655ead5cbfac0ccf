"""The script beside the form: what to say now, filled with what is known."""

from collections.abc import Mapping, Sequence

from helpdesk.domain import call_script, taxonomy
from helpdesk.domain.call_script import Line, Moment, Way
from helpdesk.sla.policy import Form
from helpdesk.sla.regulation import rule_of_form
from helpdesk.views.access import runtime, viewer
from helpdesk.views.mitra import language, menu_name

FORMS: Mapping[Way, Form] = {Way.PHONE: Form.LISAN, Way.FIELD: Form.LISAN, Way.OFFICE: Form.TERTULIS}
"""What the regulator calls it (sla.policy.form_of decides; tests/views/test_script.py compares them)."""


class Script:
    """What is said by one way; templates ask it moment by moment."""

    def __init__(self, way: Way, **values: str | None) -> None:
        lender, who = runtime().lender, viewer()
        self.way = way
        self.form = FORMS[way]
        self.days = rule_of_form(self.form).days
        self._values = {
            "merek": lender.brand,
            "petugas": who.name,
            "telp": lender.phone,
            "telp_darurat": lender.urgent_phone,
            **values,
        }

    def at(self, moment: str) -> Sequence[Line]:
        """Return the lines of a moment."""
        return call_script.lines(Moment(moment), self.way, language(), self._values)

    def questions(self) -> Sequence[tuple[int, str, Sequence[str]]]:
        """Return what to ask by what it is about: number, name, questions."""
        return [
            (number, menu_name(each), call_script.questions(number, language()))
            for number, each in taxonomy.MENU.items()
        ]
