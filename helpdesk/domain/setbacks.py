"""Why a stored webhook could not be processed: words of a fixed set, for the people who look after it."""

from enum import StrEnum


class Setback(StrEnum):
    """The reason why an event waits, for another try or for a person."""

    NOT_UNDERSTOOD = "not_understood"  # the provider said something that the adapter cannot read
    CHANNEL_OFF = "channel_off"  # its credentials were taken out of the settings
    DATABASE = "database"  # away, full or overloaded
    REFUSED = "refused"  # the schema or a rule of ours does not take what it says
    OUR_FAULT = "our_fault"  # an error in the program
    NEVER_ENDED = "never_ended"  # the process died each time it was tried
