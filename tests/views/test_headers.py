"""Security headers, caching, the theme cookie and the same-origin check."""

import re

import pytest
from flask import Request
from gallery import make_gallery_app
from werkzeug.test import EnvironBuilder

from helpdesk.domain.errors import Forbidden
from helpdesk.views.headers import check_origin, init_headers, style_hash


def test_a_staff_page_has_the_strict_policy_and_is_not_kept() -> None:
    answer = make_gallery_app().test_client().get("/staff")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in answer.headers


def test_a_public_page_allows_exactly_its_inlined_styles_and_survives_back() -> None:
    answer = make_gallery_app().test_client().get("/public")
    styles = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert [style_hash(css) in answer.headers["Content-Security-Policy"] for css in styles] == [True]
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_no_page_has_inline_script_or_style_attributes() -> None:
    client = make_gallery_app().test_client()
    for path in ("/staff", "/public", "/wall"):
        assert not re.search(r"\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", client.get(path).text)


def test_static_files_are_kept_for_a_year_only_under_a_versioned_address() -> None:
    app = make_gallery_app()
    client = app.test_client()
    address = re.search(r'href="(/static/css/staff.css\?v=\w+)"', client.get("/staff").text)
    assert address is not None
    with client.get(address.group(1)) as kept, client.get("/static/css/staff.css") as checked:
        assert "immutable" in kept.headers["Cache-Control"]
        assert "immutable" not in checked.headers["Cache-Control"]


def test_https_is_remembered_where_the_public_address_has_it() -> None:
    app = make_gallery_app()
    init_headers(app, public_url="https://helpdesk.example")
    assert app.test_client().get("/staff").headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize(("asked", "expected"), [("dark", 'data-theme="dark"'), ("auto", '<html lang="id">')])
def test_the_theme_can_be_chosen_without_script(asked: str, expected: str) -> None:
    client = make_gallery_app().test_client()
    client.get(f"/staff?theme={asked}")
    assert expected in client.get("/staff").text


def test_a_language_link_keeps_the_rest_of_the_query() -> None:
    page = make_gallery_app().test_client().get("/staff?view=1&lang=id").text
    assert "/staff?view=1&amp;lang=en" in page


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="no-headers"),
        pytest.param({"Sec-Fetch-Site": "same-origin"}, id="same-origin"),
        pytest.param({"Sec-Fetch-Site": "none"}, id="typed-by-hand"),
        pytest.param({"Origin": "http://inside.example"}, id="own-host"),
        pytest.param({"Origin": "https://helpdesk.example"}, id="public-address-behind-a-proxy"),
        pytest.param(
            {"Sec-Fetch-Site": "same-origin", "Origin": "https://inside.example"}, id="browser-knows-better"
        ),
    ],
)
def test_own_requests_pass_the_origin_check(headers: dict[str, str]) -> None:
    asked = _post(headers)
    check_origin(asked, public_url="https://helpdesk.example")
    assert asked.method == "POST"


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Sec-Fetch-Site": "cross-site"}, id="cross-site"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, id="sister-site"),
        pytest.param({"Origin": "https://evil.example"}, id="other-origin"),
        pytest.param({"Origin": "null"}, id="hidden-origin"),
        pytest.param({"Origin": "http://["}, id="no-address"),
    ],
)
def test_requests_from_other_sites_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(Forbidden):
        check_origin(_post(headers), public_url="https://helpdesk.example")


def _post(headers: dict[str, str]) -> Request:
    builder = EnvironBuilder(method="POST", base_url="http://inside.example/", headers=headers)
    return Request(builder.get_environ())
