"""The ways of a message that must arrive, as shipped, and a chat text without what paper and SMS cannot show."""

from datetime import timedelta

from helpdesk.domain.messages import ChannelCode, Purpose
from helpdesk.domain.outreach import ladder, plain


def test_the_shipped_ways_are_known_and_by_sms_only_what_is_short() -> None:
    steps = ladder()
    assert set(steps.channels) == {ChannelCode.TELEGRAM, ChannelCode.WHATSAPP, ChannelCode.SMS}
    assert Purpose.ANSWER in steps.purposes
    assert Purpose.CHAT not in steps.purposes
    assert steps.unread_after >= timedelta(hours=1)
    assert steps.takes(ChannelCode.SMS, "a" * 306)
    assert not steps.takes(ChannelCode.SMS, "a" * 307)
    assert steps.takes(ChannelCode.TELEGRAM, "a" * 307)


def test_plain_words_keep_what_they_say() -> None:
    assert plain("✅ Nomor: *4821-9375*\n“Rp 5.000” – lunas… 🙏") == (
        'Nomor: 4821-9375\n"Rp 5.000" - lunas...'
    )
    assert plain("2 + 2 = 4, <5") == "2 + 2 = 4, <5"
