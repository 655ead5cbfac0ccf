"""Pages of paper forms: batches from their slips, entry of sheets, what is held, keyed again or sealed."""

from helpdesk.views.lwk import batches, forms, lists, packs, scans, second, sheets
from helpdesk.views.lwk.blueprint import bp

__all__ = ["batches", "bp", "forms", "lists", "packs", "scans", "second", "sheets"]
