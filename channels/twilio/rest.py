"""Twilio's API: one POST, once, without the vendor library's retries (CHANNELS SO1, SO2)."""

import base64
import json
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlencode

from deskd.domain.errors import ChannelError, Fate
from deskd.outbound.answers import MINUTE, Answer, refusal
from deskd.outbound.client import Client
from deskd.outbound.exchange import Limits
from deskd.outbound.peers import Peer

CALL_SECONDS = 15.0  # CHANNELS SO2
BODY_BYTES = 1 << 20  # of an answer
FORM = "application/x-www-form-urlencoded"

OURS: Mapping[str, str] = {
    "20003": "it does not take our credentials",
    "20005": "our account there is not active",
    "20006": "our credentials may not do this",
    "20403": "our credentials may not do this",
    "20404": "it does not know our account",
    "30002": "our account there is suspended",
}
"""Code → what is wrong with us, whatever was to be done: the account pauses."""


class Rest:
    """One account's. Belongs to the event loop of its first call."""

    def __init__(self, api: str, account_sid: str, user: str, password: str) -> None:
        self._api, self._base = api, f"{api}/2010-04-01/Accounts/{account_sid}"
        self._authorization = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self._client: Client | None = None

    async def post(
        self, path: str, fields: Mapping[str, str], *, request_id: str, on_wire: Callable[[], Awaitable[None]]
    ) -> Answer:
        """Its answer, whatever it is; ChannelError when there is none."""
        if self._client is None:
            self._client = Client([Peer(self._api)], limits=Limits(call_s=CALL_SECONDS, body_bytes=BODY_BYTES))
        headers = {"Authorization": self._authorization, "Content-Type": FORM}
        body = urlencode(fields, errors="replace").encode()
        return await self._client.call(
            "POST", self._base + path, request_id=request_id, headers=headers, body=body, on_wire=on_wire
        )

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()


def told(answer: Answer) -> Mapping[str, object]:
    """The JSON of an answer; empty where it is none."""
    try:
        given = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return given if isinstance(given, dict) else {}


def code_of(answer: Answer) -> str:
    """Twilio's own number of what is wrong, or ""."""
    code = told(answer).get("code")
    return str(code) if isinstance(code, int) and code else ""


def refused(answer: Answer) -> ChannelError | None:
    """What an answer means for every call; None for 2xx. 5xx is ambiguous, 429 never processed (CHANNELS SO3)."""
    error, code = refusal(answer), code_of(answer)
    if error is None or answer.status >= 500 or answer.status in {408, 429}:
        return error
    if code in OURS or answer.status in {401, 403}:
        note = f"Twilio refuses us ({code or answer.status}): {OURS.get(code, 'it does not let us do this')}."
        return ChannelError(Fate.NEVER_LEFT, note, code=code or str(answer.status), retry_after=MINUTE, ours=True)
    return ChannelError(Fate.REJECTED, f"Twilio refused it ({code or answer.status}).", code=code or str(answer.status))
