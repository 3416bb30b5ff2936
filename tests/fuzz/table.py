"""Every parser that we own: what it is fed, what it gives, what it may raise. A new parser adds a row."""

import json
import tempfile
import warnings
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request

import channels
from channels.chat import parse as chat_parse
from channels.email import (
    addresses,
    charset,
    dates,
    headers,
    ids,
    imap_grammar,
    imap_mark,
    incoming,
    markup,
    mime,
    params,
    parse,
    receipt,
    reply,
    trust,
)
from channels.email import subject as mail_subject
from channels.email.config import MailListen
from channels.form import parse as form_parse
from channels.form.config import FormConfig
from channels.sms import parse as sms_parse
from channels.telegram import api as telegram_api
from channels.telegram import parse as telegram
from channels.telegram.receipt import receipt_of
from channels.twilio import request as twilio_request
from channels.twilio import signature
from deskd import settings
from deskd.acts.guard import guard
from deskd.cli import inspect, inspect_twilio
from deskd.console import filled
from deskd.console.api import asked
from deskd.domain import code
from deskd.domain.errors import ChannelError, DeskError, Forged, SettingsError
from deskd.domain.ports import Incoming, Receipt
from deskd.outbound import peers
from deskd.outbound.answers import Answer
from deskd.texts import catalogue, links
from fuzz import drawn, seeds
from ingest.masking.fold import fold
from ingest.masking.mask import mask
from router import check, language, literals, normalise, rules
from sla import inspect as sla_inspect
from sla import policy

Shape = type | tuple[type, ...] | Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Row:
    """of: "module:function" of each public function that this row runs. drawn: its input. raises: what it declares."""

    of: tuple[str, ...]
    call: Callable[[Any], Any]
    drawn: st.SearchStrategy[Any]
    shape: Shape
    raises: tuple[type[Exception], ...] = ()
    seeds: tuple[Any, ...] = ()

    def fits(self, result: Any) -> bool:
        if isinstance(self.shape, type | tuple):
            return isinstance(result, self.shape)
        return self.shape(result)


def texts(of: str, call: Callable[[str], Any], given: tuple[str, ...], shape: Shape, *raises: type[Exception]) -> Row:
    return Row(tuple(of.split()), call, drawn.texts(given), shape, raises, given)


def blobs(
    of: str, call: Callable[[bytes], Any], given: tuple[bytes, ...], shape: Shape, *raises: type[Exception]
) -> Row:
    return Row(tuple(of.split()), call, drawn.blobs(given), shape, raises, given)


def at_once(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    coroutine.close()
    raise AssertionError("It waits for something.")


def request(body: bytes, kind: bytes) -> Request:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    head = {"type": "http", "method": "POST", "path": "/form/help", "query_string": b"", "app": None}
    return Request(head | {"headers": [(b"content-type", kind)]}, receive)


def from_page(body: bytes) -> filled.Filled:
    kind = b"multipart/form-data; boundary=b" if b"--b" in body else b"application/x-www-form-urlencoded"
    with warnings.catch_warnings():
        # Starlette leaves the file of a part that never ends to the collector, which closes it at once.
        warnings.simplefilter("ignore", ResourceWarning)
        return at_once(filled.from_page(request(body, kind), FormConfig(), lambda: seeds.FORM_WORDS["id"]))


def in_a_file(read: Callable[[Path], Any]) -> Callable[[bytes], Any]:
    def run(content: bytes) -> Any:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "file.toml"
            path.write_bytes(content)
            return read(path)

    return run


def due(text: str) -> dict[str, object]:
    return sla_inspect.due(of_json(text))


def of_json(text: str) -> dict[str, Any]:
    given = json.loads(text)
    return given if isinstance(given, dict) else {}


def twilio_event(text: str) -> dict[str, Any]:
    return inspect_twilio.event(of_json(text))


def bytes_of(*many: tuple[str, ...]) -> tuple[bytes, ...]:
    return tuple(text.encode() for some in many for text in some)


def masked_is_stable(masked: Any) -> bool:
    return mask(masked.text).text == masked.text


CHARSETS = ("gb2312", "big5", "utf-7", "iso-2022-jp", "hz", "utf-16", "x-unknown")
LISTEN = MailListen(trusted_mta=["127.0.0.0/8"], authserv_id="mx.desk.example")
ENVELOPE = {"mail_from": "a@example.com", "rcpt_to": ["support@desk.example"], "peer": "127.0.0.1", "helo": "x"}

MAIL = (
    blobs(
        "channels.email.parse:parse channels.email.parse:to_json channels.email.body:read channels.email.bounce:read",
        lambda raw: parse.to_json(parse.parse(raw)),
        seeds.MAILS,
        lambda made: bool(json.dumps(made)),
    ),
    blobs("channels.email.incoming:read", lambda raw: incoming.read(raw, ENVELOPE, [], LISTEN), seeds.MAILS, Incoming),
    blobs("channels.email.receipt:key_of", receipt.key_of, seeds.MAILS, lambda key: len(key) == 64),
    blobs("channels.email.receipt:lane_of", lambda raw: receipt.lane_of(raw, "x"), seeds.MAILS, str),
    blobs("channels.email.headers:read", lambda raw: headers.read(raw, 0, len(raw)), seeds.HEADERS, headers.Header),
    blobs("channels.email.headers:text", headers.text, seeds.HEADERS, str),
    blobs("channels.email.params:read", params.read, seeds.HEADERS, tuple),
    blobs("channels.email.addresses:mailboxes", lambda raw: addresses.mailboxes([raw]), seeds.HEADERS, tuple),
    blobs("channels.email.mime:structure", mime.structure, seeds.MAILS, mime.Tree),
    blobs("channels.email.mime:from_base64", mime.from_base64, (b"JVBERi0=\r\n",), bytes),
    blobs("channels.email.mime:uu_files", mime.uu_files, (seeds.UUENCODED,), tuple),
    Row(
        ("channels.email.charset:decode",),
        lambda given: charset.decode(*given),
        st.tuples(
            drawn.blobs(bytes_of(seeds.WORDS)),
            st.one_of(
                st.none(), st.text(max_size=12), st.sampled_from(["gb2312", "big5", "utf-7", "iso-2022-jp", "hz"])
            ),
        ),
        str,
    ),
    texts("channels.email.dates:read", dates.read, seeds.DATES, (tuple, type(None))),
    texts("channels.email.trust:read_results", trust.read_results, seeds.RESULTS, tuple),
    blobs(
        "channels.email.imap_grammar:read_response",
        lambda raw: imap_grammar.fields_of(imap_grammar.read_response(raw.split(b"{}"))),
        seeds.RESPONSES,
        dict,
        imap_grammar.Unreadable,
    ),
    texts("channels.email.imap_mark:read_mark", imap_mark.read_mark, seeds.MARKS, imap_mark.Mark, DeskError),
    texts("channels.email.ids:read_message_id", ids.read_message_id, seeds.IDS, (tuple, type(None))),
    texts("channels.email.ids:read_plus", ids.read_plus, seeds.IDS, (tuple, type(None))),
    texts("channels.email.subject:bare", mail_subject.bare, seeds.REPLIES, str),
    texts("channels.email.markup:to_text", markup.to_text, seeds.PAGES, str),
    texts("channels.email.reply:split", reply.split, seeds.REPLIES, reply.Reply),
    texts(
        "channels.email.parse:split_reply",
        lambda page: parse.split_reply(None, page),
        (*seeds.PAGES, *seeds.REPLIES),
        reply.Reply,
    ),
)
FORM = (
    blobs("channels.form.parse:read", lambda raw: form_parse.read(raw, {}, "help"), seeds.FORMS, Incoming),
    blobs(
        "deskd.console.filled:from_json",
        lambda raw: at_once(filled.from_json(request(raw, b"application/json"), FormConfig())),
        seeds.FORMS,
        filled.Filled,
        HTTPException,
        filled.Unreadable,
    ),
    blobs(
        "deskd.console.filled:from_page", from_page, seeds.PAGE_POSTS, filled.Filled, HTTPException, filled.Unreadable
    ),
)
TEXTS = (
    blobs(
        "channels.sms.parse:read channels.sms.parse:kinds_of",
        lambda raw: sms_parse.read(raw, {}, "texts"),
        seeds.TEXT_RECEIPTS,
        Incoming,
    ),
    blobs("channels.twilio.request:form", twilio_request.form, seeds.TEXT_POSTS, list, Forged),
    texts(
        "channels.twilio.request:delivery_of",
        lambda url: twilio_request.delivery_of(url, "texts", lambda *words: "x".join(words)),
        seeds.URLS,
        str,
    ),
    Row(
        ("channels.twilio.signature:form_signed", "channels.twilio.signature:body_signed"),
        lambda given: signature.form_signed(*given, ["t"]) or signature.body_signed(given[0], b"", given[2], ["t"]),
        st.tuples(drawn.texts(seeds.URLS), st.lists(st.tuples(st.text(), st.text()), max_size=3), st.text()),
        bool,
    ),
    texts("deskd.cli.inspect_twilio:event", twilio_event, seeds.TEXT_EVENTS, dict, ValueError, TypeError, KeyError),
    texts(
        "deskd.cli.inspect_twilio:signature",
        lambda text: inspect_twilio.signature(of_json(text)),
        seeds.TEXT_EVENTS,
        dict,
        ValueError,
        TypeError,
        KeyError,
    ),
)
TELEGRAM = (
    blobs("channels.telegram.parse:read", lambda raw: telegram.read(raw, {}, "bot"), seeds.UPDATES, Incoming),
    blobs(
        "channels.telegram.parse:parse channels.telegram.parse:to_json",
        lambda raw: telegram.to_json(telegram.parse(json.loads(raw))),
        seeds.UPDATES,
        lambda made: bool(json.dumps(made)),
        ValueError,
        RecursionError,
    ),
    blobs("channels.telegram.receipt:receipt_of", lambda raw: receipt_of("bot", "1", raw, 7), seeds.UPDATES, Receipt),
    blobs(
        "channels.telegram.api:result_of",
        lambda raw: telegram_api.result_of(Answer("POST", "host", 200 if b"true" in raw else 429, {}, raw)),
        seeds.BOT_ANSWERS,
        lambda _any: True,
        ChannelError,
    ),
)
API = (
    blobs(
        "deskd.console.api.asked:read_body",
        lambda raw: asked.read_body(asked.Reply, raw),
        seeds.API_BODIES,
        asked.Reply,
        asked.Problem,
    ),
    texts(
        "deskd.console.api.asked:read_query",
        lambda text: asked.read_query(asked.TicketQuery, QueryParams(text)),
        seeds.API_QUERIES,
        asked.TicketQuery,
        asked.Problem,
    ),
)
CHAT = (
    blobs(
        "channels.chat.parse:read", lambda raw: chat_parse.read(raw, {"session": "0"}, "help"), seeds.CHATS, Incoming
    ),
)
WORDS = (
    texts("ingest.masking.mask:mask", mask, seeds.WORDS, masked_is_stable),
    texts("ingest.masking.fold:fold", fold, seeds.WORDS, tuple),
    texts("router.normalise:normalise", normalise.normalise, seeds.WORDS, normalise.Normal),
    texts("router.literals:read", literals.read, seeds.PATTERNS, literals.Shape),
    texts("router.language:language", language.language, seeds.WORDS, str),
    texts("deskd.acts.guard:guard", lambda text: guard(text, frozenset()), seeds.WORDS, list),
    texts("deskd.texts.links:foreign_links", lambda text: links.foreign_links(text, frozenset()), seeds.WORDS, list),
    texts("deskd.outbound.peers:split", peers.split, seeds.URLS, tuple),
    texts("deskd.domain.code:read", code.read, seeds.IDS, (str, type(None))),
)
LOADED = (
    texts("router.rules:load_text router.rules:load", rules.load_text, seeds.RULES, rules.RuleSet, SettingsError),
    texts("router.check:check_text", check.check_text, seeds.RULES, list, SettingsError),
    texts("sla.policy:load_text sla.policy:load", policy.load_text, seeds.CLOCKS, policy.SlaBook, SettingsError),
    texts("sla.inspect:due", due, seeds.DUES, dict, ValueError, TypeError, KeyError, SettingsError),
    texts(
        "deskd.settings:parse",
        lambda text: settings.parse(text, Path("data")),
        (*seeds.SETTINGS, *seeds.CLOCKS, *seeds.RULES),
        settings.Settings,
        SettingsError,
    ),
    blobs(
        "deskd.settings:load",
        in_a_file(settings.load),
        (*bytes_of(seeds.SETTINGS), b"\xff"),
        settings.Settings,
        SettingsError,
    ),
    blobs(
        "deskd.texts.catalogue:load",
        in_a_file(lambda path: catalogue.load(path.parent)),
        bytes_of(seeds.TEXTS),
        catalogue.Catalogue,
        catalogue.TextError,
    ),
    texts("channels:load", channels.load, ("email", "form", "chat", "telegram"), channels.Channel, SettingsError),
    blobs("deskd.cli.inspect:request_of", lambda raw: inspect.request_of("mask", raw), bytes_of(seeds.DUES), dict),
)

ROWS = (*MAIL, *FORM, *CHAT, *TEXTS, *TELEGRAM, *API, *WORDS, *LOADED)
