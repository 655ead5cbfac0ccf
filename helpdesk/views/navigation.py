"""What every page shows around its content: brand, language, and the navigation that a role may use."""

from flask import Flask, request
from flask_babel import gettext as _
from flask_babel import pgettext
from flask_login import current_user

from helpdesk.queries import notifications
from helpdesk.queries.visibility import Action, Viewer, can
from helpdesk.views.access import runtime
from helpdesk.views.auth import start_page


def init_navigation(app: Flask) -> None:
    """Give templates `brand`, `nav`, `may_search`, `rest_word`, `home_url`, `lender`; staff also `notice_count()`."""

    @app.context_processor
    def around() -> dict[str, object]:
        rt = runtime()
        who = current_user.viewer if current_user and current_user.is_authenticated else None
        of_staff: dict[str, object] = {} if who is None else {"notice_count": lambda: notice_count(who)}
        return of_staff | {
            "brand": rt.settings.brand,
            "lender": rt.lender,
            "nav": navigation(who) if who else [],
            "home_url": start_page(who) if who else "/",
            "rest_word": pgettext("at work", "Istirahat") if who and can(who, Action.ASSIGN) else "",
            "may_search": who is not None and can(who, Action.READ_TICKET),
            "viewer": who,
        }


def notice_count(who: Viewer) -> str:
    """Return how many notices wait for the person, as the top bar shows it: empty for none."""
    count = runtime().read(lambda session: notifications.unread_count(session, who))
    if count < notifications.MOST_COUNTED:
        return str(count or "")
    return f"{notifications.MOST_COUNTED - 1}+"


def navigation(who: Viewer) -> list[tuple[str, str, str, bool]]:
    """Return (address, words, key after g, is current) for each page that this role may open."""
    pages = (
        (Action.READ_QUEUE, "/queue", _("Antrean"), "q"),
        (Action.ENTER_PHONE, "/intake", _("Catat pengaduan"), "n"),
        (Action.READ_LWK, "/lwk", _("Form LWK"), "l"),
        (Action.REPLY, "/tasks", _("Tugas"), "k"),
        (Action.READ_CONTACTS, "/contacts", _("Mitra"), "m"),
        (Action.READ_DASHBOARD, "/dashboard", _("Papan SLA"), "d"),
        (Action.READ_EXPLANATIONS, "/explanations", _("Penjelasan"), "e"),
        (Action.READ_DASHBOARD, "/talks", _("Telepon"), "c"),
        (Action.READ_TRENDS, "/trends", _("Tren"), "t"),
        (Action.READ_TRENDS, "/improvements", _("Perbaikan"), "i"),
        (Action.READ_REPORTS, "/reports", _("Laporan"), "r"),
        (Action.READ_AUDIT, "/audit", _("Jejak audit"), "u"),
        (Action.ADMINISTER, "/admin", _("Pengaturan"), "a"),
    )
    return [
        (address, words, key, request.path.startswith(address))
        for action, address, words, key in pages
        if can(who, action)
    ]
