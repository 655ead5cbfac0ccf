"""What a ticket needs before it may be resolved."""

from dataclasses import replace

import pytest

from helpdesk.domain.complaints import (
    DISPOSITION_NAMES,
    REDRESS_NAMES,
    UNASSESSED,
    Disposition,
    RedressKind,
    RedressOffer,
    ResolutionDraft,
    check_resolution,
    late_reasons,
    load_root_causes,
    may_not_be_refused,
    read_late_reason,
    root_cause,
)
from helpdesk.domain.errors import InvalidInput, NotFound
from helpdesk.domain.lifecycle import TicketKind

COMPLETE = ResolutionDraft(
    disposition=Disposition.UPHELD,
    root_cause="SISTEM-POSTING",
    redress=(RedressOffer(RedressKind.REFUND, 150_000),),
    answer="Bayaran Ibu sudah kami catat.",
)
EMPTY = ResolutionDraft(disposition=None, root_cause=None, redress=(), answer=" ")


def test_a_complete_draft_passes() -> None:
    assert check_resolution(COMPLETE, kind=TicketKind.COMPLAINT, category="BYR-POST") is None


@pytest.mark.parametrize(
    ("text", "note", "expected"),
    [
        pytest.param("overload", "", ("overload", ""), id="code"),
        pytest.param(" Third_Party ", "bank", ("third_party", "bank"), id="any case, with words"),
        pytest.param("bank libur", "", ("other", "bank libur"), id="own words"),
        pytest.param("bank libur", "Senin", ("other", "bank libur Senin"), id="own words twice"),
        pytest.param("", "", ("", ""), id="nothing"),
    ],
)
def test_a_late_reason_is_a_code_or_words_of_ones_own(
    text: str, note: str, expected: tuple[str, str]
) -> None:
    assert read_late_reason(text, note) == expected


def test_late_reasons_have_a_name_in_both_languages_and_end_with_other() -> None:
    assert all(each.name_id and each.name_en for each in late_reasons())
    assert [each.code for each in late_reasons()][-1] == "other"


def test_a_late_answer_needs_its_reason_and_one_in_time_does_not() -> None:
    check_resolution(COMPLETE, kind=TicketKind.COMPLAINT, category="BYR-POST")
    with pytest.raises(InvalidInput, match="late_reason"):
        check_resolution(COMPLETE, kind=TicketKind.ENQUIRY, category=None, is_late=True)
    given = replace(COMPLETE, late_code="overload")
    assert check_resolution(given, kind=TicketKind.ENQUIRY, category=None, is_late=True) is None


def test_all_missing_fields_are_named_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        check_resolution(EMPTY, kind=TicketKind.COMPLAINT, category="BYR-POST")
    assert caught.value.field == "disposition,root_cause,answer"
    assert caught.value.code == "resolution_incomplete"


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        pytest.param(replace(COMPLETE, redress=()), "redress", id="fault found needs redress"),
        pytest.param(
            replace(COMPLETE, redress=(RedressOffer(RedressKind.NONE),)), "redress", id="none is no redress"
        ),
        pytest.param(
            replace(COMPLETE, redress=(RedressOffer(RedressKind.REFUND),)),
            "redress_amount",
            id="money needs an amount",
        ),
        pytest.param(
            replace(COMPLETE, redress=(RedressOffer(RedressKind.COMPENSATION, 0),)),
            "redress_amount",
            id="zero is none",
        ),
        pytest.param(replace(COMPLETE, answer=""), "answer", id="answer"),
        pytest.param(replace(COMPLETE, root_cause=""), "root_cause", id="cause"),
        pytest.param(replace(COMPLETE, root_cause="X"), "root_cause", id="unknown cause"),
    ],
)
def test_one_missing_thing_is_named(draft: ResolutionDraft, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_resolution(draft, kind=TicketKind.COMPLAINT, category="BYR-POST")
    assert caught.value.field == field


@pytest.mark.parametrize("category", ["PNG-KASAR", "DAT-SALAH", "PNG-DISK"])
def test_conduct_and_privacy_complaints_are_never_out_of_scope(category: str) -> None:
    draft = ResolutionDraft(disposition=Disposition.OUT_OF_SCOPE, root_cause=None, redress=(), answer="Maaf.")
    with pytest.raises(InvalidInput) as caught:
        check_resolution(draft, kind=TicketKind.COMPLAINT, category=category)
    assert caught.value.code == "never_refused"


@pytest.mark.parametrize("category", [None, "LNY", "DIG-ERROR", "no such code"])
def test_other_complaints_may_be_out_of_scope(category: str | None) -> None:
    draft = ResolutionDraft(disposition=Disposition.OUT_OF_SCOPE, root_cause=None, redress=(), answer="Maaf.")
    check_resolution(draft, kind=TicketKind.COMPLAINT, category=category)
    assert not may_not_be_refused(category)


@pytest.mark.parametrize("disposition", [Disposition.WITHDRAWN, Disposition.DUPLICATE])
def test_withdrawn_and_duplicate_need_neither_cause_nor_answer(disposition: Disposition) -> None:
    draft = replace(EMPTY, disposition=disposition)
    assert check_resolution(draft, kind=TicketKind.COMPLAINT, category="PNG-KASAR") is None


def test_an_enquiry_needs_only_an_answer() -> None:
    check_resolution(replace(EMPTY, answer="Kantor buka jam 8."), kind=TicketKind.ENQUIRY, category=None)
    with pytest.raises(InvalidInput) as caught:
        check_resolution(EMPTY, kind=TicketKind.ENQUIRY, category=None)
    assert caught.value.field == "answer"


def test_every_word_has_both_names() -> None:
    assert set(DISPOSITION_NAMES) == set(Disposition)
    assert set(REDRESS_NAMES) == set(RedressKind)


def test_root_causes_have_two_levels_and_unique_codes() -> None:
    groups = load_root_causes()
    codes = [cause.code for group in groups for cause in group.causes]
    assert len(codes) == len(set(codes))
    assert len(groups) == 9
    assert all(cause.group == group.code for group in groups for cause in group.causes)
    assert all(cause.name_id and cause.name_en for group in groups for cause in group.causes)
    assert root_cause(UNASSESSED.lower()).group == "NIHIL"
    with pytest.raises(NotFound):
        root_cause("X")
