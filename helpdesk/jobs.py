"""The worker: one schedule table, one short function per job. Any number of workers may run (ADR 0004)."""

import logging
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from helpdesk import collecting, contents, files, inbox, outbox
from helpdesk.domain.delivery import NoticeWay
from helpdesk.domain.messages import CHAT_CHANNELS, ChannelCode
from helpdesk.runtime import Runtime
from helpdesk.services import (
    assignment,
    attachments,
    calendars,
    channel_ladder,
    chat_nudges,
    complaints,
    delivery,
    limits,
    notice_delivery,
    ownership,
    pacing,
    periods,
    sweeps,
    unreachable,
    workers,
)
from helpdesk.services.assignment import Outcome
from helpdesk.services.sweeps import SweepAction

logger = logging.getLogger(__name__)

LOOK_REST = timedelta(minutes=4)
"""Between two looks at a provider's list, whichever worker has them; less than the distance of the job."""
STRAY_AFTER = timedelta(days=1)
"""A file that no row names is dropped after this time: its transaction has ended long ago."""


@dataclass(frozen=True, slots=True)
class Job:
    """What runs how often."""

    run: Callable[..., object]
    """Takes the runtime and `args`."""
    every_seconds: float
    args: tuple[str, ...] = ()
    pool: str = "default"
    """Threads it runs in. Files come from strangers and may take minutes: those threads are theirs alone."""

    @property
    def name(self) -> str:
        """How the scheduler and the log call it."""
        return " ".join((self.run.__name__, *self.args))


def process_webhooks(rt: Runtime) -> None:
    """Process stored webhooks that a crash or an error left behind."""
    inbox.process_due(rt)


def poll_updates(rt: Runtime, channel: ChannelCode) -> None:
    """Ask a channel that is polled for news for as long as there are any."""
    while collecting.poll(rt, channel, owner=worker_name()):
        pass


def reconcile(rt: Runtime, channel: ChannelCode) -> None:
    """Compare a channel with its provider, and heal what never reached us; all workers together every five minutes."""
    collecting.reconcile(rt, channel, owner=worker_name(), rest=LOOK_REST)


def send_messages(rt: Runtime, channel: ChannelCode) -> None:
    """Send what is due on a channel until nothing is, or nothing goes; a slow provider delays only its own."""
    while any(outbox.send_due(rt, channel)):
        pass


def send_notices(rt: Runtime, way: NoticeWay) -> None:
    """Send due notices to staff by e-mail or a channel; a slow server delays only its own."""
    outbox.send_notices(rt, way)


def keep_buttons(rt: Runtime) -> None:
    """Have the provider keep what may be pressed under our texts, as they are now."""
    contents.keep_buttons(rt)


def read_templates(rt: Runtime) -> None:
    """Ask the provider whether templates are approved."""
    contents.read_templates(rt)


def fetch_files(rt: Runtime, channel: ChannelCode) -> None:
    """Fetch files of messages from their provider; a slow one delays only its own."""
    files.fetch_due(rt, channel)


def prepare_files(rt: Runtime) -> None:
    """Clean pictures and make voice messages playable."""
    files.prepare_due(rt)


def sla_sweep(rt: Runtime) -> list[SweepAction]:
    """Warnings, breaches and escalations whose time has come: clock by clock, so that a poisoned one stops none."""
    now = rt.now()

    def look(limit: int) -> sweeps.Due:
        return rt.read(partial(sweeps.due_clocks, now=now, limit=limit))

    def check(clock_id: int, until: datetime) -> sweeps.Checked | None:
        try:
            return rt.write(partial(sweeps.check_clock, clock_id=clock_id, now=now, until=until))
        except Exception:
            logger.exception("clock %s could not be checked", clock_id)
            return None

    return sweeps.run(look, check, now=now)


def take_from_silent(rt: Runtime) -> None:
    """Take tickets from assignees who did not react to them in time, one by one."""
    now = rt.now()
    for ticket_id in rt.read(lambda session: ownership.unanswered_ids(session, now=now, limit=None)):
        try:
            rt.write(partial(ownership.lose, ticket_id=ticket_id, now=now))
        except Exception:
            logger.exception("ticket %s could not be taken from its assignee", ticket_id)


def take_from_absent(rt: Runtime) -> None:
    """Give the work of people who are not there back to the queue, most urgent first, one by one."""
    now = rt.now()
    for work in rt.read(lambda session: ownership.returns(session, now=now)):
        try:
            rt.write(partial(ownership.give_back, work=work, now=now))
        except Exception:
            logger.exception("ticket %s could not go back to the queue", work.ticket_id)


def assign_waiting(rt: Runtime) -> None:
    """Give what waits in teams that are assigned by themselves to whoever is free, until nobody is."""
    now = rt.now()
    teams = set(rt.read(partial(assignment.served_teams, now=now)))
    tried: set[int] = set()
    while waiting := rt.read(
        lambda session: assignment.waiting_tickets(session, frozenset(teams), without=frozenset(tried))
    ):
        for ticket_id, team_id in waiting:
            tried.add(ticket_id)
            if team_id not in teams:
                continue
            try:
                outcome = rt.write(partial(assignment.assign_by_itself, ticket_id=ticket_id, now=now))
            except Exception:
                logger.exception("ticket %s could not be assigned", ticket_id)
                continue
            if outcome is Outcome.BUSY:
                teams.discard(team_id)


def fail_stuck_sends(rt: Runtime) -> None:
    """End sends whose process died in between."""
    rt.write(lambda session: delivery.fail_stuck(session, now=rt.now()))
    rt.write(lambda session: notice_delivery.fail_stuck(session, now=rt.now()))


def close_silent(rt: Runtime) -> None:
    """Close answered tickets to which nobody objected in time: one by one, so that a poisoned one stops none."""
    now = rt.now()
    for ticket_id in rt.read(lambda session: complaints.silent_ids(session, now=now)):
        try:
            rt.write(partial(complaints.close_silent, ticket_id=ticket_id, now=now))
        except Exception:
            logger.exception("ticket %s could not be closed", ticket_id)


def find_unknown(rt: Runtime) -> None:
    """Look at the providers for messages of which nobody knows whether they went."""
    outbox.find_unknown(rt)


def ask_for_reports(rt: Runtime) -> None:
    """Ask the providers for delivery reports that never came."""
    outbox.ask_for_reports(rt)


def climb_ladders(rt: Runtime) -> None:
    """Take what must arrive, and cannot or is not heard of, another way: message by message."""
    now = rt.now()
    for outbox_id in rt.read(lambda session: unreachable.due_ids(session, now=now)):
        try:
            rt.write(partial(unreachable.lose, outbox_id=outbox_id, now=now))
        except Exception:
            logger.exception("outbox item %s to a blocked address could not be ended", outbox_id)
    for outbox_id in rt.read(lambda session: channel_ladder.unproven_ids(session, now=now)):
        try:
            rt.write(partial(channel_ladder.climb, outbox_id=outbox_id, now=now))
        except Exception:
            logger.exception("outbox item %s could not take another way", outbox_id)


def nudge_silent(rt: Runtime) -> None:
    """Meet silence after one of our questions, once, address by address."""
    now = rt.now()
    for handle_id in rt.read(lambda session: chat_nudges.due_ids(session, now=now)):
        try:
            rt.write(partial(chat_nudges.nudge, handle_id=handle_id, lender=rt.lender, now=now))
        except Exception:
            logger.exception("handle %s could not be nudged", handle_id)


def check_periods(rt: Runtime) -> None:
    """Warnings and ends of statutory periods: one by one, so that a poisoned one stops none."""
    now, seen = rt.now(), set[int]()
    while True:
        due = rt.read(lambda session: periods.due_ids(session, now=now, limit=200 + len(seen)))
        fresh = [period_id for period_id in due if period_id not in seen]
        if not fresh:
            return
        for period_id in fresh:
            seen.add(period_id)
            try:
                rt.write(partial(periods.check, period_id=period_id, now=now))
            except Exception:
                logger.exception("period %s could not be checked", period_id)


def clean_up(rt: Runtime) -> None:
    """Drop what is only kept for a short time."""
    rt.write(lambda session: limits.forget_old(session, now=rt.now()))
    rt.write(lambda session: pacing.forget_old(session, now=rt.now()))
    rt.write(lambda session: workers.forget_drafts(session, now=rt.now()))


def drop_stray_files(rt: Runtime) -> None:
    """Drop uploads that nobody named in time, and files whose row was never committed or is gone.

    It looks at every file there is, and so comes but once a day.
    """
    now = rt.now()
    for key in rt.write(lambda session: attachments.forget_unclaimed(session, now=now)):
        rt.storage.delete(key)
    old = rt.storage.old_keys(before=now - STRAY_AFTER)
    named = rt.read(attachments.stored_keys)  # read last: what has been named meanwhile stays
    if old and old.isdisjoint(named):
        logger.warning("no row names any of %s old files: another installation's? none is dropped", len(old))
        return
    for key in old - named:
        rt.storage.delete(key)


def check_holidays(rt: Runtime) -> None:
    """Say in the log that the cuti bersama of a year should be known by now and are not entered."""
    today = rt.now().astimezone(rt.settings.zone).date()
    for year in rt.read(partial(calendars.missing_years, today=today)):
        logger.warning("no cuti bersama in %s: enter them on /admin/calendars, or update", year)


def beat(rt: Runtime) -> None:
    """Say that this worker lives (/readyz, dashboard)."""
    rt.write(lambda session: workers.beat(session, worker_name(), now=rt.now()))


FILES = "files"
_THREADS = {"default": 10, FILES: len(CHAT_CHANNELS) + 1}

SCHEDULE = (
    Job(beat, 5),
    *(Job(send_messages, 1, (channel,)) for channel in sorted(CHAT_CHANNELS)),
    *(Job(send_notices, 5, (way,)) for way in NoticeWay),
    Job(keep_buttons, 30),
    Job(read_templates, 30),
    Job(process_webhooks, 5),
    Job(poll_updates, 1, (ChannelCode.TELEGRAM,)),
    *(Job(reconcile, 300, (channel,)) for channel in sorted(CHAT_CHANNELS)),
    *(Job(fetch_files, 3, (channel,), pool=FILES) for channel in sorted(CHAT_CHANNELS)),
    Job(prepare_files, 1, pool=FILES),
    Job(sla_sweep, 15),
    Job(check_periods, 15),
    Job(take_from_silent, 15),
    Job(take_from_absent, 30),
    Job(assign_waiting, 10),
    Job(fail_stuck_sends, 60),
    Job(close_silent, 300),
    Job(find_unknown, 30),
    Job(ask_for_reports, 300),
    Job(climb_ladders, 60),
    Job(nudge_silent, 30),
    Job(clean_up, 3600),
    Job(drop_stray_files, 86_400),
    Job(check_holidays, 86_400),
)


def start_scheduler(rt: Runtime) -> BackgroundScheduler:
    """Start the schedule in background threads; shutdown() of what is returned stops it."""
    scheduler = BackgroundScheduler(
        timezone="UTC",
        executors={name: ThreadPoolExecutor(count) for name, count in _THREADS.items()},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for job in SCHEDULE:
        scheduler.add_job(
            _guarded,
            "interval",
            seconds=job.every_seconds,
            args=(rt, job),
            id=job.name,
            name=job.name,
            next_run_time=rt.now(),
            executor=job.pool,
        )
    scheduler.start()
    return scheduler


def stop_scheduler(scheduler: BackgroundScheduler, rt: Runtime) -> None:
    """Let running jobs finish, waiting polls at once, and start no more."""
    collecting.stop(rt)
    scheduler.shutdown(wait=True)


def worker_name() -> str:
    """Name of this process among the workers."""
    return f"{socket.gethostname()}:{os.getpid()}"


def _guarded(rt: Runtime, job: Job) -> None:
    """A failing run is logged; the next one comes anyway."""
    try:
        job.run(rt, *job.args)
    except Exception:
        logger.exception("job %s failed", job.name)
