"""Poster and leaflet: how to complain, on paper."""

from helpdesk.posters.facts import Facts
from helpdesk.posters.leaflet import leaflet
from helpdesk.posters.poster import A3_SCALE, poster

__all__ = ["A3_SCALE", "Facts", "leaflet", "poster"]
