"""Thin blueprints: read the request, call one service or query, answer."""
