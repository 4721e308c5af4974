"""The phone's form of a contact with an overdue customer: its choices and words."""

from origination.domain.collections.contacts import OUTCOMES, Channel
from origination.wording_collections import CHANNELS, PROMISES
from origination.wording_collections import OUTCOMES as OUTCOME_WORDS

#: What an officer does on the road; letters and hand-overs are the desk's.
ON_THE_ROAD = (Channel.CALL, Channel.VISIT, Channel.REMINDER)


def facts() -> dict[str, object]:
    """Outcomes by channel, and every code in words."""
    return {
        "outcomes": {channel.value: list(OUTCOMES[channel]) for channel in ON_THE_ROAD},
        "channels": {code.value: str(word) for code, word in CHANNELS.items()},
        "outcome_words": {code.value: str(word) for code, word in OUTCOME_WORDS.items()},
        "promises": {code.value: str(word) for code, word in PROMISES.items()},
    }
