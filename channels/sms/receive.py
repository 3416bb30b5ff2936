"""/hooks/sms/ACCOUNT takes messages, /hooks/sms/ACCOUNT/status what became of ours."""

import hashlib

from channels import Tools
from channels.sms.config import NAME, SmsAccount
from channels.twilio.config import tokens
from channels.twilio.request import as_receipt, delivery_of, first, proved
from deskd.domain.ports import Heard, Hooked, Receipt

STATUS = "status"
TWIML = "text/xml"
NOTHING = b"<Response/>"  # a body of text/plain would be sent to the customer as a message (CHANNELS SI5)


class SmsHook:
    """Pure. Off: the AuthToken is not there, or nobody can reach us."""

    def __init__(self, account: SmsAccount, tools: Tools) -> None:
        self._account, self._sign = account, tools.sign
        self._tokens = tokens(account, tools, NAME)

    def hear(self, request: Hooked) -> Heard:
        fields = proved(request, self._account.account_sid, self._tokens)
        sid = first(fields, "MessageSid") or first(fields, "SmsSid") or hashlib.sha256(request.body).hexdigest()
        body = as_receipt(fields)
        if request.path == STATUS:
            state = first(fields, "MessageStatus") or first(fields, "SmsStatus")
            about = {"path": STATUS, "delivery": delivery_of(request.url, self._account.name, self._sign)}
            return Heard((self._kept(request, f"status:{sid}:{state}", first(fields, "To"), body, about),), 204)
        if request.path:
            return Heard((), 404)
        about = {"path": "", "number": self._account.number}
        return Heard((self._kept(request, sid, first(fields, "From"), body, about),), 200, TWIML, NOTHING)

    def _kept(self, request: Hooked, key: str, lane: str, body: bytes, about: dict[str, str]) -> Receipt:
        """lane: the customer's number, so that what they write and what becomes of our words keep their order."""
        return Receipt(NAME, self._account.name, key, lane, body, request.at, about)
