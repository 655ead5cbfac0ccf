"""What is stuck on its way in or out, which channels are on, and the settings that are no secrets."""

from collections import Counter

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from helpdesk import inbox
from helpdesk.domain.messages import ChannelCode
from helpdesk.queries import health, operations
from helpdesk.queries.channel_alarms import alarms
from helpdesk.queries.visibility import Action
from helpdesk.services import trail, webhooks
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.admin import setback_words, words
from helpdesk.views.admin.blueprint import bp

SHOWN = 50
"""Outcomes that are told one by one after a replay: they stand in the address of the page."""
PROVIDED = (ChannelCode.WHATSAPP, ChannelCode.SMS, ChannelCode.TELEGRAM)
"""Channels that a provider carries; the others need no credentials."""


@bp.get("/admin/operations")
@requires(Action.ADMINISTER)
def stuck() -> ResponseReturnValue:
    """Stored webhooks that wait for a person, and messages that wait or failed; never their texts.

    `?replayed=` names events whose outcome is to be shown.
    """
    replayed = _ids(request.args.getlist("replayed"))
    now = runtime().now()
    found, events, results, watches, outbox, notices = runtime().read(
        lambda session: (
            alarms(session, now=now),
            operations.unprocessed_events(session),
            operations.events_by_id(session, replayed),
            operations.channel_watches(session),
            operations.outbox(session, now=now),
            operations.notice_deliveries(session),
        )
    )
    counts = Counter((row.channel, row.status, row.error or "") for row in outbox)
    return render_template(
        "admin/operations.html",
        alarms=found,
        faults=words.CHANNEL_FAULTS,
        events=events,
        results=results,
        watches=[row for row in watches if row.channel in runtime().channels],
        asking_faults=setback_words.ASKING_FAULTS,
        reasons=setback_words.REASONS,
        remedies=setback_words.REMEDIES,
        present=sorted({row.reason for row in events if row.reason}),
        outbox=sorted(counts.items(), key=lambda item: (-item[1], item[0])),
        waits={operations.HELD: _("menunggu Mitra menulis"), operations.LATER: _("menunggu jamnya")},
        notices=notices,
        ways=words.NOTICE_WAYS,
        limit=operations.STUCK,
        is_cut=len(outbox) >= operations.STUCK or len(events) >= operations.STUCK,
        zone=viewer().zone,
    )


@bp.post("/admin/operations/replay")
@requires(Action.ADMINISTER)
def replay() -> ResponseReturnValue:
    """Process chosen events again, or all on the page, at once: an answer from outside is never waited for."""
    who, now, rt = viewer(), runtime().now(), runtime()
    ids = _ids(request.form.getlist("id"))
    if "all" in request.form:
        ids = [row.id for row in rt.read(operations.unprocessed_events)]
    if not ids:
        flash(_("Pilih dulu satu atau lebih."), "warning")
        return redirect(url_for(".stuck"), 303)

    def back_in_line(session: Session) -> list[int]:
        waiting = webhooks.try_again(session, ids, now=now)
        trail.audit(session, "webhooks_replayed", actor=who.actor, at=now, data={"events": waiting})
        return waiting

    waiting = rt.write(back_in_line)
    failed = sum(inbox.process(rt, event_id) is not inbox.Outcome.PROCESSED for event_id in waiting)
    flash(_("%(n)s berhasil diproses.", n=len(waiting) - failed), "success")
    if failed:
        flash(_("%(n)s masih gagal.", n=failed), "danger")
    return redirect(url_for(".stuck", replayed=waiting[:SHOWN]), 303)


def _ids(texts: list[str]) -> list[int]:
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19]


@bp.get("/admin/settings")
@requires(Action.ADMINISTER)
def settings() -> ResponseReturnValue:
    """Channels on and off, and settings; no credential is shown."""
    rt = runtime()
    return render_template(
        "admin/settings.html",
        channels=[(code, code not in PROVIDED or code in rt.channels) for code in ChannelCode],
        settings=rt.settings,
        worker_seen_at=rt.read(health.worker_seen_at),
        now=rt.now(),
        zone=viewer().zone,
    )
