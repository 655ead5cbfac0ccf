"""Signed webhook requests from the recorded payloads, and the settings that they are signed for."""

import hashlib
import hmac
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qsl

from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from helpdesk.domain.messages import WebhookRequest

PAYLOADS = Path(__file__).parent / "payloads"
ACCOUNT = "AC" + "7e" * 16
TWILIO_TOKEN = "token-utama"
OLD_TWILIO_TOKEN = "token-lama"
TELEGRAM_TOKEN = "9001:rahasia-sekali"
TELEGRAM_SECRET = "kata-sandi-webhook"
META_TOKEN = "EAAtoken-meta"
META_SECRET = "rahasia-aplikasi"
META_NUMBER = "110220330440"


@dataclass(frozen=True)
class Settings:
    public_url: str = "https://aduan.example"
    twilio_account_sid: str | None = ACCOUNT
    twilio_auth_token: str | None = f"{TWILIO_TOKEN}, {OLD_TWILIO_TOKEN}"
    twilio_whatsapp_from: str | None = "+622150001000"
    twilio_sms_from: str | None = "+15005550006"
    twilio_api_base: str = "https://api.twilio.com"
    telegram_bot_token: str | None = TELEGRAM_TOKEN
    telegram_webhook_secret: str | None = TELEGRAM_SECRET
    telegram_mode: str = "webhook"
    telegram_api_base: str = "https://api.telegram.org"
    meta_access_token: str | None = None
    meta_phone_number_id: str | None = None
    meta_app_secret: str | None = None
    meta_verify_token: str | None = None
    meta_api_base: str = "https://graph.facebook.com/v24.0"


def with_meta(**more: str | None) -> Settings:
    """Settings by which Meta carries WhatsApp instead of Twilio."""
    meta: dict[str, str | None] = {
        "meta_access_token": META_TOKEN,
        "meta_phone_number_id": META_NUMBER,
        "meta_app_secret": f"{META_SECRET}, rahasia-lama",
        "meta_verify_token": "kata-meta",
        "twilio_whatsapp_from": None,
    }
    return replace(Settings(), **(meta | more))  # type: ignore[arg-type]


def webhook_from(payload: str) -> WebhookRequest:
    """Return a payload as its provider would send and sign it today; the name begins with the channel, or `meta`."""
    channel = payload.partition("_")[0]
    body = (PAYLOADS / payload).read_bytes().strip()
    if channel == "telegram":
        return telegram_webhook(body)
    if channel == "meta":
        return meta_webhook(body)
    return twilio_webhook(channel, tuple(parse_qsl(body.decode(), keep_blank_values=True)))


def meta_webhook(body: bytes, *, secret: str = META_SECRET) -> WebhookRequest:
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"content-type": "application/json", "x-hub-signature-256": f"sha256={signature}"}
    return WebhookRequest("whatsapp", "https://aduan.example/webhooks/whatsapp", headers, (), body)


def telegram_webhook(body: bytes, *, secret: str | None = TELEGRAM_SECRET) -> WebhookRequest:
    headers = {"content-type": "application/json"}
    if secret is not None:
        headers["x-telegram-bot-api-secret-token"] = secret
    return WebhookRequest("telegram", "https://aduan.example/webhooks/telegram", headers, (), body)


def twilio_webhook(
    channel: str,
    form: tuple[tuple[str, str], ...],
    *,
    url: str | None = None,
    token: str = TWILIO_TOKEN,
    content_type: str = "application/x-www-form-urlencoded",
) -> WebhookRequest:
    url = url or f"https://aduan.example/webhooks/{channel}"
    signature = RequestValidator(token).compute_signature(url, MultiDict(form))
    headers = {"x-twilio-signature": signature, "content-type": content_type}
    return WebhookRequest(channel, url, headers, form, b"")
