"""What stands on a poster here: the settings, the time limits of the law and the pages' pictograms."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import Response, current_app, request
from flask_babel import force_locale
from flask_babel import gettext as _

from helpdesk.domain.phones import national_form
from helpdesk.domain.procedure import procedure
from helpdesk.domain.wording import Language
from helpdesk.posters import Facts
from helpdesk.sla.policy import Form
from helpdesk.sla.regulation import rule_of_form
from helpdesk.views.access import runtime
from helpdesk.views.mitra import whatsapp_link


def procedure_words(language: Language) -> Mapping[str, str]:
    """Return the words of the procedure with our names, numbers and the law's time limits."""
    lender = runtime().lender
    values = {
        "merek": lender.brand,
        "telp": lender.phone,
        "telp_darurat": lender.urgent_phone,
        "jam": lender.hours,
        "hari_lisan": str(rule_of_form(Form.LISAN).days),
        "hari_tertulis": str(rule_of_form(Form.TERTULIS).days),
    }
    return procedure(language, values)


def facts_of(
    language: Language, *, office: str = "", office_phone: str = "", office_hours: str = ""
) -> Facts:
    """Return what a poster in that language says, with the name and numbers of a point where given."""
    rt = runtime()
    settings = rt.settings
    with force_locale(language.value):
        whatsapp = whatsapp_link(_("Saya mau cerita."))
    return Facts(
        brand=settings.brand,
        language=language,
        words=procedure_words(language),
        icons=current_app.jinja_env.get_template("macros/icons.html").module.PATHS,  # type: ignore[attr-defined]
        form_url=f"{settings.public_url}/lapor",
        form_address=_typed(f"{settings.public_url}/lapor"),
        status_address=_typed(f"{settings.public_url}/lapor/status"),
        phone=settings.contact_phone,
        whatsapp_url=whatsapp,
        whatsapp_number=_number(settings.whatsapp_number) if whatsapp else "",
        sms_number=_number(settings.twilio_sms_from) if "sms" in rt.channels else "",
        telegram_name=telegram_name(),
        office=office,
        office_phone=office_phone,
        office_hours=office_hours,
    )


def telegram_name() -> str:
    """Return `@name` of the bot, or nothing where Telegram is off or its name is not set."""
    rt = runtime()
    name = rt.settings.telegram_bot_name
    return f"@{name}" if name and "telegram" in rt.channels else ""


def pdf_answer(name: str, content: bytes) -> Response:
    """Return a PDF to be shown or kept; one that a browser has already is not sent again."""
    answer = Response(content, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _typed(url: str) -> str:
    """Return an address as one types it: without `https://`."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}"


def _number(sender: str | None) -> str:
    """Return `whatsapp:+62…` as people here dial it; empty for a name."""
    number = (sender or "").removeprefix("whatsapp:")
    return national_form(number) if any(sign.isdigit() for sign in number) else ""
