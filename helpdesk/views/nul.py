"""NUL, which no text of ours holds and PostgreSQL refuses: an address with it is refused, a form is read without it."""

from flask import Flask, abort, request
from werkzeug.datastructures import ImmutableMultiDict

from helpdesk.domain.errors import NotFound

NUL = "\0"

_READS_ITS_QUERY = ("/api/", "/webhooks/")
"""The API names the parameter (422), and a provider's query is signed, not read."""
_READS_ITS_FORM = ("auth.sign_in",)
"""There a NUL is a typing error, not a letter to be passed over: without it another password would be right."""


def init_nul(app: Flask) -> None:
    """Look at every request before anything else does."""

    @app.before_request
    def refuse() -> None:
        if NUL in request.path:
            raise NotFound("no address holds a NUL")
        if any(NUL in value for value in request.headers.values()):
            abort(400, "a header holds a NUL")
        if request.path.startswith(_READS_ITS_QUERY):
            return
        if any(NUL in name or NUL in value for name, value in request.args.items(multi=True)):
            abort(400, "the query holds a NUL")
        if request.method == "POST" and request.endpoint not in (None, *_READS_ITS_FORM):
            _take_out_of_form()


def _take_out_of_form() -> None:
    """Stories are typed with anything in them, and none is lost for a sign that nobody sees."""
    fields = list(request.form.items(multi=True))
    if any(NUL in name or NUL in value for name, value in fields):
        request.form = ImmutableMultiDict(
            (name.replace(NUL, ""), value.replace(NUL, "")) for name, value in fields
        )
