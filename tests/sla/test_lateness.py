"""Which broken promises still want a reason."""

from sla_samples import at

from helpdesk.sla.lateness import unexplained
from helpdesk.sla.policy import Metric

FIRST, RESOLUTION = Metric.FIRST_RESPONSE, Metric.RESOLUTION
MONDAY, TUESDAY = at("2026-06-01T10:00"), at("2026-06-02T10:00")


def test_every_broken_promise_is_named_once_in_the_order_of_the_metrics() -> None:
    breaches = [(RESOLUTION, TUESDAY), (FIRST, MONDAY), (FIRST, TUESDAY), (Metric.REGULATORY, None)]
    assert unexplained(breaches, explained_at=None) == (FIRST, RESOLUTION)


def test_a_reason_explains_what_was_broken_up_to_it() -> None:
    breaches = [(FIRST, MONDAY), (RESOLUTION, TUESDAY)]
    assert unexplained(breaches, explained_at=MONDAY) == (RESOLUTION,)
    assert unexplained(breaches, explained_at=TUESDAY) == ()
