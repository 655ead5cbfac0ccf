"""What `make screenshots` takes: each page, who looks at it, and how one gets there."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

PUBLIC = ""
SUPERVISOR, FIELD, AUDITOR, ADMIN = (
    f"{name}@demo.id" for name in ("supervisor", "lapangan", "auditor", "admin")
)

KEPT = (
    "queue-1440-light",
    "ticket-1440-light",
    "clocks-1440-light",
    "admin-policy-1440-light",
    "trends-1440-dark",
    "lwk-batch-1440-light",
    "lapor-360-light",
    "news-360-dark",
    "wall-1920-dark",
    "phones-1440-light",
)
"""The pictures that README.md shows; only these are committed."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One page: its file name, who looks, and where."""

    name: str
    who: str
    address: str
    follow: str = ""
    """Go on to the first link on that page whose address begins so."""
    then: str = ""
    """Added to the address that was followed."""
    walk: Callable[[Page], None] | None = None
    """What a person does on the page before the picture is taken."""
    is_phones: bool = False
    """The page of the phone simulator, a site of its own."""


def _choose(page: Page) -> None:
    page.check("#choice")
    _press(page)


def _tell(page: Page) -> None:
    _choose(page)
    page.fill("#story", "Saya bayar angsuran tanggal 3 lewat VA, tapi belum dicatat. Uangnya Rp150.000.")
    page.locator("button[value=next]").click()
    page.wait_for_load_state()


def _introduce(page: Page) -> None:
    _tell(page)
    page.fill("#name", "Siti Aminah")
    page.fill("#village", "Sukamaju")
    _press(page)


def _send(page: Page) -> None:
    _introduce(page)
    _press(page)


def _look_up(page: Page) -> None:
    _send(page)
    number, code = page.locator(".kh-number strong").all_inner_texts()
    page.goto("/lapor/status")
    page.fill("#number", number)
    page.fill("#code", code)
    _press(page)


def _send_nothing(page: Page) -> None:
    page.locator("main form[method=post] [type=submit]").first.click()
    page.wait_for_load_state()


def _write(page: Page) -> None:
    if page.locator("#whatsapp .theirs").count():
        return
    page.fill("#text-whatsapp", "Bu saya sudah bayar angsuran lewat VA tapi belum masuk")
    page.locator("#send-whatsapp .send").click()
    page.locator("#whatsapp .theirs").first.wait_for()


def _press(page: Page) -> None:
    """Press the first button of the page's form and wait for where it leads."""
    page.locator("main form[method=post] button").first.click()
    page.wait_for_load_state()


def _open_batch(page: Page) -> None:
    page.locator("tbody [data-open]").first.click()
    page.wait_for_load_state()


def _draft(page: Page) -> None:
    """Begin the draft of the policies, or go on with it."""
    page.locator("main .kh-toolbar form button").first.click()
    page.wait_for_load_state()


def _edit(page: Page) -> None:
    _draft(page)
    page.goto("/admin/policies/draft/policies/complaint-s3-tertulis")
    page.fill("[name=resolution-amount]", "7")
    page.locator("button[value=preview]").click()
    page.wait_for_load_state()


def _change(page: Page) -> None:
    _edit(page)
    page.locator("button[value=save]").click()
    page.wait_for_load_state()


PAGES = (
    Shot("start", PUBLIC, "/"),
    Shot("lapor", PUBLIC, "/lapor"),
    Shot("lapor-salah", PUBLIC, "/lapor", walk=_press),
    Shot("lapor-cerita", PUBLIC, "/lapor", walk=_choose),
    Shot("lapor-orang", PUBLIC, "/lapor", walk=_tell),
    Shot("lapor-periksa", PUBLIC, "/lapor", walk=_introduce),
    Shot("lapor-selesai", PUBLIC, "/lapor", walk=_send),
    Shot("status", PUBLIC, "/lapor/status"),
    Shot("news", PUBLIC, "/lapor", walk=_look_up),
    Shot("privasi", PUBLIC, "/privasi"),
    Shot("cara-mengadu", PUBLIC, "/cara-mengadu"),
    Shot("login", PUBLIC, "/login"),
    Shot("queue", SUPERVISOR, "/queue"),
    Shot("search", SUPERVISOR, "/search?q=angsuran"),
    Shot("tasks", SUPERVISOR, "/tasks"),
    Shot("ticket", SUPERVISOR, "/queue", "/tickets/"),
    Shot("clocks", SUPERVISOR, "/queue", "/tickets/", "/clocks"),
    Shot("regulation", SUPERVISOR, "/queue", "/tickets/", "/regulation"),
    Shot("extension", SUPERVISOR, "/queue", "/tickets/", "/extension"),
    Shot("resolve", SUPERVISOR, "/queue", "/tickets/", "/resolve"),
    Shot("resolve-salah", SUPERVISOR, "/queue", "/tickets/", "/resolve", walk=_send_nothing),
    Shot("intake", SUPERVISOR, "/intake"),
    Shot("talks", SUPERVISOR, "/talks"),
    Shot("explanations", FIELD, "/explanations"),
    Shot("explanations-branches", SUPERVISOR, "/explanations/branches"),
    Shot("read-back", SUPERVISOR, "/talks", "/talks/"),
    Shot("contacts", SUPERVISOR, "/contacts"),
    Shot("dashboard", SUPERVISOR, "/dashboard"),
    Shot("wall", SUPERVISOR, "/wall"),
    Shot("trends", SUPERVISOR, "/trends"),
    Shot("trend", SUPERVISOR, "/trends", "/trends/"),
    Shot("improvements", SUPERVISOR, "/improvements"),
    Shot("improvement", SUPERVISOR, "/improvements", "/improvements/"),
    Shot("improvement-new", SUPERVISOR, "/improvements/new"),
    Shot("reports", SUPERVISOR, "/reports"),
    Shot("lwk", FIELD, "/lwk"),
    Shot("lwk-batch", FIELD, "/lwk", walk=_open_batch),
    Shot("lwk-print", FIELD, "/lwk/print"),
    Shot("lwk-held", FIELD, "/lwk/held"),
    Shot("lwk-sealed", SUPERVISOR, "/lwk/sealed"),
    Shot("notices", FIELD, "/notices"),
    Shot("posters", FIELD, "/posters"),
    Shot("audit", AUDITOR, "/audit"),
    Shot("audit-sample", AUDITOR, "/audit/sample"),
    *(
        Shot(f"admin-{name}" if name else "admin", ADMIN, f"/admin/{name}".rstrip("/"))
        for name in (
            "",
            "users",
            "teams",
            "calendars",
            "policies",
            "texts",
            "matrix",
            "routing",
            "operations",
            "whatsapp-templates",
            "tokens",
        )
    ),
    Shot("admin-hours", ADMIN, "/admin/calendars/service"),
    Shot("admin-policy", ADMIN, "/admin/policies", walk=_edit),
    Shot("admin-policy-draft", ADMIN, "/admin/policies", walk=_change),
    Shot("admin-policy-example", ADMIN, "/admin/policies/example"),
    Shot("admin-policy-editions", ADMIN, "/admin/policies/editions"),
    Shot("admin-text", ADMIN, "/admin/texts/T06"),
    Shot("phones", PUBLIC, "/", walk=_write, is_phones=True),
)
