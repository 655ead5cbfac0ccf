"""Complaint handling for a microfinance lender: one queue, a severity matrix, SLA clocks, trends."""

__version__ = "0.1.0"
