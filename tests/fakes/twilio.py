"""Twilio on loopback, strict: its Messages API with a ledger, its signed webhooks, its reports of what became of it.

Nothing is signed here with deskd's own code: `signed` follows the vendor's "Webhooks security" page step by step. What
Twilio would call, `https://desk.example/…`, is signed under that name and sent to where the desk really listens.
"""

import base64
import hashlib
import hmac
import itertools
import json
import re
import socket
import threading
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

SID = "AC" + "0" * 31 + "1"
TOKEN = "token-of-these-tests-1"
NUMBER = "+14155550100"
CUSTOMER = "+14155550123"
PUBLIC = "https://desk.example"
_REQUIRED = {"To", "From", "Body"}
_KNOWN = _REQUIRED | {"MessagingServiceSid", "StatusCallback", "ValidityPeriod"}
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


@dataclass(frozen=True, slots=True)
class Said:
    """How the next message is answered. lost: it is taken, and the answer never arrives."""

    status: int = 201
    code: int = 0
    lost: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that was accepted: it will reach the customer."""

    sid: str
    fields: Mapping[str, str]


class Twilio:
    """asked: every POST to Messages.json, refused ones as well; taken: the ledger. desk: where webhooks really go."""

    def __init__(self, desk: str = "", public: str = PUBLIC) -> None:
        self.desk, self.public, self.token = desk, public, TOKEN
        self.asked: list[Mapping[str, str]] = []
        self.taken: list[Taken] = []
        self.next: deque[Said] = deque()
        self._sids = itertools.count(1)
        self._lock = threading.Lock()
        self.url = ""  # of its API, while it is open

    @contextmanager
    def open(self) -> Iterator["Twilio"]:
        with ThreadingHTTPServer(("127.0.0.1", 0), self._handler()) as server:
            self.url = f"http://127.0.0.1:{server.server_port}"
            serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            serving.start()
            try:
                yield self
            finally:
                server.shutdown()
                serving.join()

    def text(self, words: str, who: str = CUSTOMER, *, account: str = "texts", **more: str) -> int:
        """A customer's text, delivered to the desk's webhook; the status of its answer, 0 where none came."""
        return self.post(f"/hooks/sms/{account}", self.incoming(words, who, **more))[0]

    def incoming(self, words: str, who: str = CUSTOMER, **more: str) -> dict[str, str]:
        """The form of a message with a Sid of its own. `MessageSid` in `more`: the same message once more."""
        with self._lock:
            sid = f"SM{next(self._sids):032x}"
        return incoming(words, who, **({"MessageSid": sid} | more))

    def report(self, taken: Taken, status: str, code: str = "") -> int:
        """What became of a message, posted to its callback; the status of the desk's answer."""
        callback = urlsplit(taken.fields["StatusCallback"])
        given = {"SmsSid": taken.sid, "SmsStatus": status, "MessageStatus": status, "To": taken.fields["To"]}
        given |= {"MessageSid": taken.sid, "AccountSid": SID, "From": NUMBER, "ApiVersion": "2010-04-01"}
        if code:
            given |= {"ErrorCode": code}
        return self.post(f"{callback.path}?{callback.query}".removesuffix("?"), given)[0]

    def post(self, path: str, given: Mapping[str, str], **headers: str) -> tuple[int, str, bytes]:
        """(status, content type, body) of the desk's answer to a signed form."""
        head = {"content-type": "application/x-www-form-urlencoded; charset=UTF-8"}
        head |= {"x-twilio-signature": signed(self.public + path, given, self.token), "user-agent": "TwilioProxy/1.1"}
        asked = urllib.request.Request(self.desk + path, urlencode(given).encode(), head | headers)
        try:
            with urllib.request.urlopen(asked, timeout=15) as answer:
                return answer.status, answer.headers.get("content-type", ""), answer.read()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.headers.get("content-type", ""), refused.read()
        except OSError:  # the desk is not there, or went in the middle of it
            return 0, "", b""

    def take(self, asked: Mapping[str, str], problem: int) -> tuple[Said, dict[str, object]]:
        with self._lock:
            self.asked.append(asked)
            said = self.next.popleft() if self.next else Said()
            if problem:
                said = Said(401 if problem == 20003 else 400, problem)
            if said.status != 201:
                return said, {"code": said.code, "message": f"refused {asked.get('To')}", "status": said.status}
            taken = Taken(f"SM{next(self._sids):032x}", asked)
            self.taken.append(taken)
        return said, {"sid": taken.sid, "status": "queued", "num_segments": "1", "from": None, "error_code": None}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                pairs = parse_qsl(body, keep_blank_values=True, strict_parsing=True)
                asked = dict(pairs)
                problem = _problem(self.path, self.headers.get("authorization", ""), asked)
                said, answer = fake.take(asked, problem if len(pairs) == len(asked) else 20001)
                if said.lost:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True
                    return
                content = json.dumps(answer).encode()
                self.send_response(said.status)
                for name, value in {"content-length": str(len(content)), **said.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_words: object) -> None:
                pass

        return Handler


def incoming(words: str, who: str = CUSTOMER, *, MessageSid: str, **more: str) -> dict[str, str]:  # noqa: N803
    """What Twilio posts of a text, in the order in which it does."""
    sid = MessageSid
    given = {"ToCountry": "US", "ToState": "CA", "SmsMessageSid": sid, "NumMedia": "0", "ToCity": "", "FromZip": ""}
    given |= {"SmsSid": sid, "FromState": "CA", "SmsStatus": "received", "FromCity": "", "Body": words}
    given |= {"FromCountry": "US", "To": NUMBER, "ToZip": "", "NumSegments": "1", "MessageSid": sid}
    return given | {"AccountSid": SID, "From": who, "ApiVersion": "2010-04-01"} | more


def _problem(path: str, authorization: str, asked: Mapping[str, str]) -> int:
    """Twilio's number of what is wrong with a request, or 0."""
    login = base64.b64decode(authorization.removeprefix("Basic ")).decode()
    validity = asked.get("ValidityPeriod", "1")
    wrong = {
        20404: path != f"/2010-04-01/Accounts/{SID}/Messages.json",
        20003: login not in {f"{SID}:{TOKEN}", f"{KEY}:{KEY_SECRET}"},
        20001: bool(asked.keys() - _KNOWN) or not asked.keys() >= _REQUIRED,
        21211: not _E164.fullmatch(asked.get("To", "")),
        21606: asked.get("From") != NUMBER,
        21617: not 1 <= len(asked.get("Body", "")) <= 1600,
        21621: not validity.isdigit() or not 1 <= int(validity) <= 36_000,
    }
    return next((code for code, is_so in wrong.items() if is_so), 0)


KEY = "SK" + "0" * 31 + "2"
KEY_SECRET = "secret-of-these-tests"


def signed(url: str, given: Mapping[str, str], token: str) -> str:
    """The whole URL; then each field in the order of the names, name and value run together; HMAC-SHA1; base 64."""
    whole = url
    for name in sorted(given):
        whole += name
        whole += given[name]
    return base64.b64encode(hmac.new(token.encode(), whole.encode(), hashlib.sha1).digest()).decode()
