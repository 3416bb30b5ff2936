"""What Twilio's numbers mean for a message: at once in its answer, or later in a report (CHANNELS SO5)."""

from collections.abc import Mapping

FINAL: Mapping[str, str] = {
    "21211": "the number is not valid",
    "21214": "the number cannot be reached",
    "21217": "the number is not valid",
    "21408": "texts to that country are switched off in our account at Twilio",
    "21610": "the customer has opted out (STOP), and must text START before anything of ours arrives",
    "21612": "there is no way from our number to this one",
    "21614": "the number takes no texts; it may be a landline",
    "21617": "the text is longer than 1,600 characters",
    "30003": "the phone was off or out of reach",
    "30004": "the customer or the network blocks it; they may have texted STOP",
    "30005": "nobody has this number",
    "30006": "it is a landline, or the network takes no texts",
    "30007": "a network filtered it out as unwanted",
    "30008": "the network gives no reason",
    "30010": "it costs more than the limit that is set for it",
    "30032": "our toll-free number is not verified; somebody must do that at Twilio",
    "30034": "our number is not registered for texts to the United States (A2P 10DLC)",
    "30036": "it could not leave in time, and was dropped",
    "30410": "the network did not answer in time",
    "63038": "the day's limit of our account is reached",
}
"""This message has not arrived and will not."""

SLOW: Mapping[str, str] = {
    "20429": "too many requests at once",
    "21611": "the queue of our number is full",
    "30001": "the queue is full",
}
"""Not taken: later."""

OURS: Mapping[str, str] = {
    "21212": "our number is not valid there",
    "21603": "it misses our number",
    "21606": "our number is not ours there, or sends no texts",
    "21659": "our number is not ours there, or sends no texts",
    "21660": "our number belongs to another account",
    "21701": "the Messaging Service is not there",
    "21703": "the Messaging Service has no number",
    "21705": "the Messaging Service is not there",
    "21712": "our number is not in the Messaging Service",
}
"""Every message would meet it: the account pauses."""


def words(code: str) -> str:
    """For a report; "" for a number that we do not know."""
    return FINAL.get(code) or SLOW.get(code) or OURS.get(code, "")
