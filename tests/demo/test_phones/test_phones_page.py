"""A person can type as a Mitra on the simulator's page, with and without JavaScript."""

import pytest
import requests
from phone_talk import MITRA, Receiver, inbound, send_whatsapp, telegram_send
from playwright.sync_api import Browser, Page, expect
from telegram import KeyboardButton, ReplyKeyboardMarkup
from twilio.rest import Client


def post(phones: str, channel: str, data: dict[str, str], **more: object) -> requests.Response:
    url = f"{phones}/phones/{channel}/send"
    return requests.post(url, data=data, timeout=10, allow_redirects=False, **more)  # type: ignore[arg-type]


def test_the_page_shows_three_phones_in_two_languages(phones: str) -> None:
    page = requests.get(phones, timeout=10)
    assert [title in page.text for title in ("WhatsApp", "SMS", "Telegram", "Kirim", "Siti Rahmawati")] == [
        True
    ] * 5
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert 'lang="en"' in requests.get(f"{phones}/?lang=en", timeout=10).text


def test_no_sample_person_has_a_reserved_number(phones: str) -> None:
    assert "+62812000" not in requests.get(phones, timeout=10).text


def test_a_typed_message_is_sent_and_the_same_phones_come_back(phones: str, receiver: Receiver) -> None:
    answer = post(
        phones, "whatsapp", {"from": MITRA, "name": "Wati", "text": "Tolong <b>Bu</b>", "whatsapp": MITRA}
    )
    assert (answer.status_code, receiver.next().form["Body"]) == (303, "Tolong <b>Bu</b>")
    page = requests.get(phones + answer.headers["Location"], timeout=10).text
    assert "Tolong &lt;b&gt;Bu&lt;/b&gt;" in page
    assert MITRA in page


def test_an_attached_file_reaches_the_app_and_the_page(phones: str, receiver: Receiver) -> None:
    files = {"file": ("struk.png", b"\x89PNG...", "image/png")}
    post(phones, "whatsapp", {"from": MITRA, "text": ""}, files=files)
    assert receiver.next().form["MediaContentType0"] == "image/png"
    (bubble,) = requests.get(f"{phones}/api/conversations", timeout=10).json()
    assert requests.get(phones + bubble["media"][0], timeout=10).content == b"\x89PNG..."


def test_a_file_that_could_run_is_only_downloaded(phones: str, receiver: Receiver) -> None:
    post(phones, "whatsapp", {"from": MITRA}, files={"file": ("x.html", b"<script>", "text/html")})
    (bubble,) = requests.get(f"{phones}/api/conversations", timeout=10).json()
    shown = requests.get(phones + bubble["media"][0], timeout=10)
    assert (shown.headers["Content-Type"], shown.headers["Content-Disposition"]) == (
        "application/octet-stream",
        "attachment",
    )


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"from": MITRA, "text": " "}, "Tulis pesan atau"),
        ({"from": "abc", "text": "Halo"}, "Nomor itu tidak bisa"),
    ],
    ids=["nothing said", "nobody"],
)
def test_what_is_missing_is_said_and_nothing_is_sent(
    phones: str, receiver: Receiver, data: dict[str, str], words: str
) -> None:
    answer = post(phones, "sms", data)
    assert words in requests.get(phones + answer.headers["Location"], timeout=10).text
    assert receiver.hooks.empty()


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://jahat.example"}, {"Sec-Fetch-Site": "cross-site"}], ids=str
)
def test_another_site_cannot_type(phones: str, receiver: Receiver, headers: dict[str, str]) -> None:
    answer = post(phones, "sms", {"from": MITRA, "text": "Halo"}, headers=headers)
    assert (answer.status_code, receiver.hooks.empty()) == (403, True)


def test_keys_of_the_last_message_can_be_pressed_without_javascript(phones: str, receiver: Receiver) -> None:
    keys = [[KeyboardButton("1 Angsuran"), KeyboardButton("Kirim nomor HP", request_contact=True)]]
    number = telegram_send(phones, reply_markup=ReplyKeyboardMarkup(keys))
    page = requests.get(phones, params={"telegram": "700000999"}, timeout=10).text
    assert "1 Angsuran" in page
    post(phones, "telegram", {"from": "700000999", "key": f"700000999:{number}|0"})
    post(phones, "telegram", {"from": "700000999", "key": f"700000999:{number}|1"})
    assert b'"text": "1 Angsuran"' in receiver.next().body
    assert b'"phone_number"' in receiver.next().body


def test_stars_are_bold_on_the_whatsapp_phone_and_nothing_of_a_message_is_markup(
    phones: str, twilio: Client
) -> None:
    send_whatsapp(twilio, "Nomor: *4821-9375* <b>x</b>")
    page = requests.get(phones, params={"whatsapp": MITRA}, timeout=10).text
    assert "Nomor: <strong>4821-9375</strong> &lt;b&gt;x&lt;/b&gt;" in page


def test_an_unchanged_thread_is_304(phones: str) -> None:
    address = f"{phones}/phones/sms/thread?sms=%2B6285900000999"
    tag = requests.get(address, timeout=10).headers["ETag"]
    assert requests.get(address, headers={"If-None-Match": tag}, timeout=10).status_code == 304
    inbound(phones, channel="sms", text="Halo", **{"from": MITRA})
    assert requests.get(address, headers={"If-None-Match": tag}, timeout=10).status_code == 200


def hold(browser: Browser, phones: str, width: int, **more: object) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900}, **more)  # type: ignore[arg-type]
    page.goto(f"{phones}/?whatsapp=%2B6285900000999")
    return page


@pytest.mark.browser
def test_an_answer_appears_without_reloading(
    browser: Browser, phones: str, twilio: Client, receiver: Receiver
) -> None:
    page = hold(browser, phones, 1440)
    problems: list[str] = []
    page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    page.get_by_role("textbox", name="Tulis pesan: WhatsApp").fill("Saya sudah bayar")
    page.get_by_role("button", name="Kirim: WhatsApp").click()
    expect(page.locator("#whatsapp .mine p")).to_have_text("Saya sudah bayar")
    assert receiver.next().form["Body"] == "Saya sudah bayar"
    send_whatsapp(twilio, "Terima kasih, Ibu")
    expect(page.locator("#whatsapp .theirs p")).to_have_text("Terima kasih, Ibu")
    expect(page.locator("#whatsapp .theirs .tick.read")).to_contain_text("dibaca")
    assert problems == []
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("is_scripted", [True, False], ids=["javascript", "plain"])
def test_phones_fit_their_width_and_every_target_is_44_px(
    browser: Browser, phones: str, receiver: Receiver, width: int, is_scripted: bool
) -> None:
    page = hold(browser, phones, width, java_script_enabled=is_scripted)
    expect(page.locator(".phone:visible")).to_have_count(3 if width > 1000 else 1)
    page.get_by_role("textbox", name="Tulis pesan: WhatsApp").fill("Halo")
    page.get_by_role("button", name="Kirim: WhatsApp").click()
    expect(page.locator("#whatsapp .mine p")).to_have_text("Halo")
    sizes = [
        box
        for target in page.locator("button:visible, summary:visible, nav a:visible").all()
        if (box := target.bounding_box())
    ]
    assert [
        box for box in sizes if box["height"] < 44 or box["width"] < 44 or box["x"] + box["width"] > width
    ] == []
    page.close()
