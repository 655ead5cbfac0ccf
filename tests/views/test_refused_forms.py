"""A refused form says everything at once, first of all, and keeps what was typed."""

import pytest
from ticket_stories import PAY, SignIn, a_ticket, address, bodies, opened, reply, write_more
from visits import Visit

from helpdesk.models.tickets import Ticket
from helpdesk.runtime import Runtime

HALF_AN_ANSWER = {
    "disposition": "upheld",
    "root_cause": "",
    "redress_kind_1": "refund",
    "redress_amount_1": "banyak",
    "redress_kind_2": "",
    "redress_amount_2": "Rp20.000",
    "redress_kind_3": "refund",
    "redress_amount_3": "",
    "answer": "Tolong kirim OTP Ibu",
    "summary": "VA terlambat masuk",
}


def outcome(visit: Visit, ticket: Ticket, **facts: str) -> int:
    """Open the outcome page and send it with these facts."""
    visit.get(address(ticket, "/resolve"))
    hidden = {"key": visit.hidden("key"), "seen_message_id": visit.hidden("seen_message_id")}
    return visit.post(address(ticket, "/resolve"), **facts, **hidden).status_code


def test_all_faults_of_an_outcome_are_told_together_in_the_order_of_the_form(
    rt: Runtime, signed_in: SignIn
) -> None:
    ticket = a_ticket(rt)
    visit = signed_in(teams=PAY)
    assert outcome(visit, ticket, **HALF_AN_ANSWER) == 422
    summary = visit.page[visit.page.index('class="kh-summary"') :].partition("</ul>")[0]
    wanted = ["root_cause", "redress_amount_1", "redress_kind_2", "redress_amount_3", "answer"]
    places = [summary.index(f'href="#{name}"') for name in wanted]
    assert places == sorted(places)
    assert summary.count("href=") == len(wanted)
    for name in wanted:
        assert f'id="{name}-error"' in visit.page
    assert 'value="banyak"' in visit.page
    assert 'value="Rp20.000"' in visit.page
    assert "Tolong kirim OTP Ibu</textarea>" in visit.page
    assert bodies(rt, ticket, purpose="answer") == []


@pytest.mark.parametrize("amount", ["0", "Rp0"])
def test_nothing_is_no_amount_of_money(rt: Runtime, signed_in: SignIn, amount: str) -> None:
    ticket = a_ticket(rt)
    visit = signed_in(teams=PAY)
    facts = {"disposition": "upheld", "root_cause": "SISTEM-POSTING", "answer": "Uang Ibu kami kembalikan."}
    assert outcome(visit, ticket, **facts, redress_kind_1="refund", redress_amount_1=amount) == 422
    assert visit.page.count('href="#redress_amount_1"') == 1


def test_a_reply_to_what_is_no_longer_newest_is_refused_with_the_notice_first(
    rt: Runtime, signed_in: SignIn
) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(teams=PAY), ticket)
    write_more(rt, "Sudah masuk Bu, terima kasih banyak")
    assert reply(visit, ticket, "Baik, Ibu. Sedang kami cek.").status_code == 409
    notice = visit.page[visit.page.index('class="kh-notice kh-notice-danger"') :].partition("</div></div>")[0]
    assert 'role="alert" tabindex="-1" data-focus-first' in notice
    assert "Ada 1 pesan baru" in notice
    link = notice.partition('<a href="#')[2].partition('"')[0]
    assert "Sudah masuk Bu" in visit.page[visit.page.index(f'id="{link}"') :].partition("</li>")[0]
    assert "Baik, Ibu. Sedang kami cek.</textarea>" in visit.page
