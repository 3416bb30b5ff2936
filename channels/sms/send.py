"""One text out: a POST to Messages.json, once (CHANNELS SO1 to SO9)."""

import re
from collections.abc import Awaitable, Callable

from channels import Tools
from channels.sms import codes
from channels.sms.config import CHINA, NAME, NOT_TO_CHINA, SmsAccount
from channels.twilio.config import login
from channels.twilio.request import OURS, ours
from channels.twilio.rest import Rest, code_of, refused, told
from deskd.domain.errors import ChannelError, Fate
from deskd.domain.ports import Outcome, Outgoing
from deskd.outbound.answers import MINUTE, Answer

SLOW_SECONDS = 10 * MINUTE  # a queue of Twilio's that is full holds ten hours of work (CHANNELS SO5)
RETRIED = "#rc=3&rp=ct,rt,5xx"  # of callbacks: connection overrides, which are no part of what is asked or signed
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")


class SmsSender:
    """Belongs to one event loop. Off: a secret is not there, or no callback could reach us."""

    def __init__(self, account: SmsAccount, tools: Tools) -> None:
        self._account, self._sign = account, tools.sign
        self._hook = f"{tools.public_url.rstrip('/')}/hooks/{NAME}/{account.name}/status"
        self._rest = Rest(account.api, account.account_sid, *login(account, tools, NAME))

    async def send(self, message: Outgoing, on_wire: Callable[[], Awaitable[None]]) -> Outcome:
        fields = self._fields(message)
        answer = await self._rest.post("/Messages.json", fields, request_id=message.delivery_id, on_wire=on_wire)
        error = meaning(answer)
        if error is not None:
            raise error
        given = told(answer)
        sid = given.get("sid")
        if not isinstance(sid, str) or not sid:
            raise ChannelError(Fate.AMBIGUOUS, "Twilio took it and named no message.", code="answer")
        return Outcome(sid, f"{answer.status} {given.get('status')}, {given.get('num_segments')} segments")

    async def close(self) -> None:
        await self._rest.close()

    def _fields(self, message: Outgoing) -> dict[str, str]:
        """What is posted. From is always the number that the customer wrote to (CHANNELS SI8)."""
        if not _NUMBER.fullmatch(message.address):
            raise ChannelError(Fate.REJECTED, "A text goes to a phone number only, and this is none.", code="address")
        if message.address.startswith(CHINA):
            raise ChannelError(Fate.REJECTED, NOT_TO_CHINA, code="china")
        if message.files:
            raise ChannelError(Fate.REJECTED, "A text carries no files. Send them by mail.", code="files")
        account, named = self._account, ours(message.delivery_id, self._account.name, self._sign)
        fields = {"To": message.address, "From": account.number, "Body": message.text}
        if account.messaging_service_sid:
            fields["MessagingServiceSid"] = account.messaging_service_sid
        callback = f"{self._hook}?{OURS}={named}{RETRIED}"
        return fields | {"StatusCallback": callback, "ValidityPeriod": str(account.validity_s)}


def meaning(answer: Answer) -> ChannelError | None:
    """None: it is taken. A number of ours is kept in no note: Twilio's own sentences have it."""
    code = code_of(answer)
    error = refused(answer)
    if error is None or error.fate is not Fate.REJECTED:
        return error
    if code in codes.SLOW:
        note = f"Twilio does not take it now ({code}): {codes.SLOW[code]}."
        return ChannelError(Fate.NEVER_LEFT, note, code=code, retry_after=SLOW_SECONDS)
    if code in codes.OURS:
        note = f"Twilio refuses us ({code}): {codes.OURS[code]}."
        return ChannelError(Fate.NEVER_LEFT, note, code=code, retry_after=MINUTE, ours=True)
    if code in codes.FINAL:
        return ChannelError(Fate.REJECTED, f"Twilio refused it ({code}): {codes.FINAL[code]}.", code=code)
    return error
