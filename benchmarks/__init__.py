"""Measurements of the product, side by side on one run; never asserted in a test."""
