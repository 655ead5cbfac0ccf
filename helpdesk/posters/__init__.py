"""Poster, leaflet and numbered forms: how to complain, and to complain, on paper."""

from helpdesk.posters.facts import Facts
from helpdesk.posters.leaflet import leaflet
from helpdesk.posters.lwk_form import FormFacts, paper_forms
from helpdesk.posters.poster import A3_SCALE, poster

__all__ = ["A3_SCALE", "Facts", "FormFacts", "leaflet", "paper_forms", "poster"]
