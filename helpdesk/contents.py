"""What lies with providers and is sent by its id: has them keep our sets of buttons, asks how templates stand."""

import logging
from functools import partial

from helpdesk.channels.contents import CanKeepButtons, CanTellStanding
from helpdesk.domain.errors import AskFailed
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.options import ButtonSet
from helpdesk.runtime import Runtime
from helpdesk.services import kept_buttons, message_templates

logger = logging.getLogger(__name__)


def keep_buttons(rt: Runtime) -> int:
    """Look for the sets that are not known to be kept, have the others made, and return how many are kept now.

    Looked for by name first: what another worker made, or this one before it died, is found and not made again. Two
    that make the same at once leave one too many at the provider, which harms nobody.
    """
    carrier = rt.channels.get(ChannelCode.WHATSAPP)
    if not isinstance(carrier, CanKeepButtons):
        return 0
    missing = rt.read(lambda session: kept_buttons.missing(session, now=rt.now()))
    if not missing:
        return 0
    try:
        known = carrier.kept_contents()
    except AskFailed as failure:
        _note(rt, [offered.name for offered in missing], failure)
        return 0
    return sum(_keep(rt, carrier, offered, known.get(offered.name)) for offered in missing)


def read_templates(rt: Runtime) -> int:
    """Ask how those templates stand that were not asked for lately. Returns how many were told."""
    carrier = rt.channels.get(ChannelCode.WHATSAPP)
    if not isinstance(carrier, CanTellStanding):
        return 0
    count = 0
    for template_id, content_id in rt.read(lambda session: message_templates.to_ask(session, now=rt.now())):
        try:
            standing = carrier.standing_of(content_id)
        except AskFailed as failure:
            logger.warning("the provider does not say how template %s stands: %s", template_id, failure)
            note = partial(
                message_templates.note_unread, template_id=template_id, code=str(failure), now=rt.now()
            )
            rt.write(note)
            continue
        rt.write(
            partial(message_templates.take_standing, template_id=template_id, standing=standing, now=rt.now())
        )
        count += 1
    return count


def _keep(rt: Runtime, carrier: CanKeepButtons, offered: ButtonSet, known: str | None) -> bool:
    try:
        content_id = known or carrier.keep_buttons(offered)
    except AskFailed as failure:
        _note(rt, [offered.name], failure)
        return False
    rt.write(partial(kept_buttons.keep, name=offered.name, content_id=content_id, now=rt.now()))
    return True


def _note(rt: Runtime, names: list[str], failure: AskFailed) -> None:
    """Messages go without their buttons meanwhile: nothing is lost."""
    logger.warning("the provider does not keep %s set(s) of buttons: %s", len(names), failure)
    rt.write(partial(kept_buttons.note_fault, names=names, code=str(failure), now=rt.now()))
