"""Which role may open the pages of figures, of the trail and of administration."""

import pytest
from ticket_stories import SignIn

from helpdesk.models.people import Role

PAGES: dict[str, set[Role]] = {
    "/dashboard": {Role.SUPERVISOR, Role.COMPLIANCE},
    "/dashboard/board": {Role.SUPERVISOR, Role.COMPLIANCE},
    "/wall": {Role.SUPERVISOR, Role.COMPLIANCE},
    "/wall/board": {Role.SUPERVISOR, Role.COMPLIANCE},
    "/trends": {Role.SUPERVISOR, Role.COMPLIANCE, Role.PRODUCT},
    "/trends/BYR-SALDO": {Role.SUPERVISOR, Role.COMPLIANCE, Role.PRODUCT},
    "/improvements": {Role.SUPERVISOR, Role.COMPLIANCE, Role.PRODUCT},
    "/improvements/new": {Role.SUPERVISOR, Role.PRODUCT},
    "/reports": {Role.SUPERVISOR, Role.COMPLIANCE},
    "/reports/ojk.csv": {Role.SUPERVISOR, Role.COMPLIANCE},
    "/audit": {Role.COMPLIANCE, Role.AUDITOR},
    "/admin/policies": {Role.ADMIN, Role.SUPERVISOR, Role.COMPLIANCE},
    "/admin/whatsapp-templates": {Role.ADMIN, Role.SUPERVISOR, Role.COMPLIANCE},
    **{
        f"/admin{page}": {Role.ADMIN}
        for page in (
            "",
            "/users",
            "/users/new",
            "/teams",
            "/calendars",
            "/calendars/service",
            "/matrix",
            "/routing",
            "/categories",
            "/tokens",
            "/operations",
            "/settings",
        )
    },
}

WRITES: dict[str, set[Role]] = {
    "/improvements/new": {Role.SUPERVISOR, Role.PRODUCT},
    "/improvements/nothing/move": {Role.SUPERVISOR, Role.PRODUCT},
    "/audit/verify": {Role.COMPLIANCE, Role.AUDITOR},
    "/admin/users/new": {Role.ADMIN},
    "/admin/calendars/holidays": {Role.ADMIN},
    "/admin/calendars/service": {Role.ADMIN},
    "/admin/calendars/service/restore": {Role.ADMIN},
    "/admin/whatsapp-templates": {Role.ADMIN},
    "/admin/whatsapp-templates/state": {Role.ADMIN},
    "/admin/whatsapp-templates/confirm": {Role.ADMIN, Role.SUPERVISOR, Role.COMPLIANCE},
    "/admin/whatsapp-templates/withdraw": {Role.ADMIN, Role.SUPERVISOR, Role.COMPLIANCE},
    "/admin/tokens": {Role.ADMIN},
    "/admin/operations/replay": {Role.ADMIN},
}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_opens_its_pages_and_no_others(signed_in: SignIn, role: Role) -> None:
    visit = signed_in(role)
    opened = {address: visit.get(address).status_code for address in PAGES}
    assert opened == {address: 200 if role in roles else 403 for address, roles in PAGES.items()}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_changes_only_what_is_its_own(signed_in: SignIn, role: Role) -> None:
    visit = signed_in(role)
    refused = {}
    for address in WRITES:
        visit.page = f'name="csrf_token" value="{_token(visit)}"'
        refused[address] = visit.post(address).status_code == 403
    assert refused == {address: role not in roles for address, roles in WRITES.items()}


def _token(visit: object) -> str:
    visit.get("/login")  # type: ignore[attr-defined]  leads a signed-in person to her start page
    visit.get(visit.client.get("/login").headers["Location"])  # type: ignore[attr-defined]
    return visit.hidden("csrf_token")  # type: ignore[attr-defined,no-any-return]
