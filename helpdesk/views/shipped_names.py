"""Names of the teams and calendars that ship with the product, in the reader's language; others are as typed."""

from collections.abc import Mapping
from functools import cache

from flask_babel import LazyString, lazy_gettext

from helpdesk.domain.routing import default_teams
from helpdesk.views.formatting import language_of

CALENDARS: Mapping[str, LazyString] = {
    "Jam layanan": lazy_gettext("Jam layanan"),
    "Setiap saat": lazy_gettext("Setiap saat"),
    "Hari kerja regulator": lazy_gettext("Hari kerja regulator"),
    "Hari kerja, cuti bersama dihitung": lazy_gettext("Hari kerja, cuti bersama dihitung"),
}
"""By the name that services/seeds.py writes."""


def shipped(name: str) -> str:
    """Return the name in the language of the request if we shipped it, else as somebody typed it."""
    if name in CALENDARS:
        return str(CALENDARS[name])
    return _english_teams().get(name, name) if language_of(None) == "en" else name


@cache
def _english_teams() -> Mapping[str, str]:
    return {team.name_id: team.name_en for team in default_teams()}
