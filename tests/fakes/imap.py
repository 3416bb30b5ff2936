"""An IMAP server of ours on loopback: strict, with a ledger, and able to do what real ones do wrong.

It knows the commands that fetching needs, and takes them in the one way that every server takes. What else it is told
is answered BAD and stands in `offences`, which a test expects to be empty.
"""

import asyncio
import contextlib
import re
import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field

FULL = ("IMAP4rev1", "IDLE", "MOVE", "UIDPLUS", "ID")
BARE = ("IMAP4rev1",)
DATE = "25-Nov-2026 09:00:00 +0800"

_FETCH = re.compile(r"([0-9,]+) \((UID RFC822\.SIZE INTERNALDATE|UID BODY\.PEEK\[\](?:<0\.([0-9]+)>)?)\)")
_STORE = re.compile(r"([0-9,]+) \+FLAGS\.SILENT \(\\Deleted\)")


@dataclass(slots=True)
class Stored:
    uid: int
    raw: bytes
    date: str = DATE
    flags: set[str] = field(default_factory=set)
    size: int | None = None  # what it says of it; None: the truth


@dataclass(slots=True)
class Folder:
    validity: int
    next: int = 1
    mails: list[Stored] = field(default_factory=list)

    def add(self, raw: bytes, date: str = DATE, size: int | None = None) -> int:
        self.mails.append(Stored(self.next, raw, date, size=size))
        self.next += 1
        return self.next - 1


@dataclass(slots=True)
class ImapServer:
    """`faults`: verb, or whole line → what it does wrong at the next times, one each, taken from the front:

    "drop" hangs up instead of an answer, "after" does it and hangs up, "mid" hangs up within a literal, "stall" waits
    for `go_on` and then answers, "short" and "long" announce a literal of another length, "drip" gives a byte and
    waits, "bye" takes its leave, "flood" says thousands of lines of nothing first, "" does nothing wrong, anything else
    is the answer.

    ledger: every line that it was told, passwords included. connections: how many came; open, most_open: how many are,
    and were at once. push: whether it tells of new mail; repeats: and of old mail again. strict_id: opens nothing
    before ID. uidnext: whether SELECT says it. noise: an untagged line before each answer to FETCH.
    """

    user: str = "support"
    password: str = "open-sesame"
    capabilities: tuple[str, ...] = FULL
    push: bool = True
    repeats: bool = False
    strict_id: bool = False
    greeting: str = "* OK ready"
    uidnext: bool = True
    noise: str = ""
    tls: ssl.SSLContext | None = None
    faults: dict[str, list[str]] = field(default_factory=dict)
    folders: dict[str, Folder] = field(default_factory=lambda: {"INBOX": Folder(7)})
    ledger: list[str] = field(default_factory=list)
    offences: list[str] = field(default_factory=list)
    port: int = 0
    connections: int = 0
    open: int = 0
    most_open: int = 0
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    told: asyncio.Condition = field(default_factory=asyncio.Condition)
    _server: asyncio.Server | None = None
    _sessions: set["asyncio.Task[None]"] = field(default_factory=set)
    _idle: set[asyncio.Event] = field(default_factory=set)

    @property
    def inbox(self) -> Folder:
        return self.folders["INBOX"]

    async def start(self, port: int = 0) -> "ImapServer":
        self._server = await asyncio.start_server(self._session, "127.0.0.1", port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for session in list(self._sessions):
            session.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()

    async def deliver(self, raw: bytes, date: str = DATE, size: int | None = None) -> int:
        uid = self.inbox.add(raw, date, size)
        for idle in self._idle:
            idle.set()
        return uid

    async def until(self, verb: str, times: int = 1) -> None:
        """Returns when it was told so, counted from the beginning."""
        async with self.told:
            await self.told.wait_for(lambda: len(self.said(verb)) >= times)

    def said(self, verb: str) -> list[str]:
        return [line for line in self.ledger if line == verb or line.startswith(f"{verb} ")]

    async def _tell(self) -> None:
        async with self.told:
            self.told.notify_all()

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            self._sessions.add(task)
        self.connections += 1
        self.open += 1
        self.most_open = max(self.open, self.most_open)
        try:
            await _Session(self, reader, writer).talk()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client hung up, or `stop` does
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
            self.open -= 1


@dataclass(slots=True)
class _Session:
    house: ImapServer
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    state: str = "new"  # new, in, selected
    folder: str = ""
    identified: bool = False
    known: int = 0  # mails of the folder that the client was told of

    async def talk(self) -> None:
        self.say(self.house.greeting)
        while words := await self._command():
            tag, _, line = words.partition(" ")
            self.house.ledger.append(line)
            await self.house._tell()
            verb = " ".join(line.split(" ")[: 2 if line.startswith("UID ") else 1])
            if not await self._answer(tag, verb, line[len(verb) + 1 :]):
                return
            await self.writer.drain()

    def say(self, line: str) -> None:
        self.writer.write(f"{line}\r\n".encode())

    async def _command(self) -> str:
        """One command; its literals as quoted strings. "" when the client has gone."""
        whole = b""
        while line := await self.reader.readline():
            if not line.endswith(b"\r\n"):
                self.house.offences.append(f"no CR LF: {line!r}")
            whole += line.removesuffix(b"\r\n")
            size = re.search(rb"\{([0-9]+)\}$", whole)
            if size is None:
                return whole.decode()
            self.say("+ go on")
            literal = await self.reader.readexactly(int(size[1]))
            whole = whole[: size.start()] + b'"' + literal.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
        return ""

    async def _answer(self, tag: str, verb: str, rest: str) -> bool:
        """False: hang up."""
        house = self.house
        waiting = house.faults.get(f"{verb} {rest}") or house.faults.get(verb, [])
        fault = waiting.pop(0) if waiting else ""
        if fault == "drop":
            return False
        if fault == "bye":
            self.say("* BYE [UNAVAILABLE] restart")
            return False
        if fault == "stall":
            await house.go_on.wait()
        if fault == "flood":
            self.writer.write(b"".join(b"* %d FETCH (FLAGS (\\Seen))\r\n* %d EXISTS\r\n" % (n, n) for n in range(3000)))
        if fault and fault not in {"stall", "flood", "after", "mid", "short", "long", "drip"}:
            self.say(f"{tag} {fault}")
            return True
        run = getattr(self, "_" + verb.replace(" ", "_").lower(), None)
        said = await run(rest, tag, fault) if run else self._offence(f"{verb} {rest}")
        if said is None or fault == "after":
            return False
        if self._in("selected") and house.push:
            self._tell_of_new()
        self.say(f"{tag} {said}")
        return True

    def _tell_of_new(self) -> None:
        if len(self._mails()) > self.known:
            self.known = len(self._mails())
            self.say(f"* {self.known} EXISTS\r\n* 1 RECENT")

    def _offence(self, line: str) -> str:
        self.house.offences.append(line)
        return "BAD what?"

    def _in(self, *states: str) -> bool:
        return self.state in states

    async def _login(self, rest: str, _tag: str, _fault: str) -> str:
        if not self._in("new") or len(words := _strings(rest)) != 2:
            return self._offence(f"LOGIN {rest}")
        if words != [self.house.user, self.house.password]:
            return "NO [AUTHENTICATIONFAILED] Invalid credentials"
        self.state = "in"
        return f"OK [CAPABILITY {' '.join(self.house.capabilities)}] Logged in"

    async def _capability(self, rest: str, _tag: str, _fault: str) -> str:
        if rest:
            return self._offence(f"CAPABILITY {rest}")
        offered = ("IMAP4rev1", "STARTTLS", "AUTH=PLAIN") if self._in("new") else self.house.capabilities
        self.say(f"* CAPABILITY {' '.join(offered)}")
        return "OK done"

    async def _id(self, rest: str, _tag: str, _fault: str) -> str:
        if "ID" not in self.house.capabilities or not re.fullmatch(r'\("name" "[^"]+" "version" "[^"]+"\)', rest):
            return self._offence(f"ID {rest}")
        self.identified = True
        self.say('* ID ("name" "fake")')
        return "OK done"

    async def _select(self, rest: str, _tag: str, _fault: str) -> str:
        names = _strings(rest)
        if not self._in("in", "selected") or len(names) != 1:
            return self._offence(f"SELECT {rest}")
        if self.house.strict_id and not self.identified:
            return "NO SELECT Unsafe Login. Please contact kefu@fake.example for help"
        if names[0] not in self.house.folders:
            return "NO [NONEXISTENT] no such folder"
        self.state, self.folder = "selected", names[0]
        here = self.house.folders[names[0]]
        self.say(r"* FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Forwarded [odd])")
        self.say(r"* OK [PERMANENTFLAGS (\Deleted \Seen \*)] limited {12}")
        self.known = len(here.mails)
        self.say(f"* {self.known} EXISTS")
        self.say(f"* OK [UIDVALIDITY {here.validity}] UIDs valid")
        if self.house.uidnext:
            self.say(f"* OK [UIDNEXT {here.next}] predicted")
        return "OK [READ-WRITE] open"

    async def _uid_search(self, rest: str, _tag: str, _fault: str) -> str:
        asked = re.fullmatch(r"UID ([0-9]+):\*", rest)
        if not self._in("selected") or asked is None:  # a CHARSET is one thing that Exchange and Yahoo refuse
            return self._offence(f"UID SEARCH {rest}")
        uids = [mail.uid for mail in self._mails()]
        found = sorted({uid for uid in uids if uid >= int(asked[1])} | set(uids[-1:]))
        self.say("* SEARCH" + "".join(f" {uid}" for uid in found))
        return "OK done"

    async def _uid_fetch(self, rest: str, _tag: str, fault: str) -> str | None:
        asked = _FETCH.fullmatch(rest)
        if not self._in("selected") or asked is None or len(rest) > 1000:
            return self._offence(f"UID FETCH {rest}")
        body = "BODY" in asked[2]
        if body and "," in asked[1]:
            return self._offence(f"UID FETCH {rest}")
        if self.house.noise:
            self.say(self.house.noise)
        for number, mail in self._chosen(asked[1]):
            if not body:
                size = len(mail.raw) if mail.size is None else mail.size
                self.say(f'* {number} FETCH (UID {mail.uid} RFC822.SIZE {size} INTERNALDATE "{mail.date}")')
                continue
            raw = mail.raw[: int(asked[3])] if asked[3] else mail.raw
            name = "BODY[]<0>" if asked[3] else "BODY[]"
            if not await self._literal(f"* {number} FETCH (UID {mail.uid} {name} ", raw, fault):
                return None
        return "OK done"

    async def _literal(self, head: str, raw: bytes, fault: str) -> bool:
        """False: hang up."""
        size = len(raw) + {"short": -5, "long": 5}.get(fault, 0)
        self.writer.write(f"{head}{{{size}}}\r\n".encode())
        if fault == "mid":
            self.writer.write(raw[: len(raw) // 2])
            await self.writer.drain()
            return False
        if fault == "drip":
            self.writer.write(raw[:1])
            await self.house.go_on.wait()
            return False
        self.writer.write(raw + b")\r\n")
        return True

    async def _uid_move(self, rest: str, _tag: str, _fault: str) -> str:
        if "MOVE" not in self.house.capabilities:
            return self._offence(f"UID MOVE {rest}")
        said = self._copy(rest, "UID MOVE")
        if said.startswith("OK"):
            self._expunge([mail for _, mail in self._chosen(rest.split(" ", maxsplit=1)[0])])
        return said

    async def _uid_copy(self, rest: str, _tag: str, _fault: str) -> str:
        return self._copy(rest, "UID COPY")

    async def _uid_store(self, rest: str, _tag: str, _fault: str) -> str:
        asked = _STORE.fullmatch(rest)
        if not self._in("selected") or asked is None:
            return self._offence(f"UID STORE {rest}")
        for _, mail in self._chosen(asked[1]):
            mail.flags.add("\\Deleted")
        return "OK done"

    async def _uid_expunge(self, rest: str, _tag: str, _fault: str) -> str:
        if "UIDPLUS" not in self.house.capabilities or not re.fullmatch("[0-9,]+", rest):
            return self._offence(f"UID EXPUNGE {rest}")
        self._expunge([mail for _, mail in self._chosen(rest) if "\\Deleted" in mail.flags])
        return "OK done"

    async def _create(self, rest: str, _tag: str, _fault: str) -> str:
        [name] = _strings(rest)
        if name in self.house.folders:
            return "NO [ALREADYEXISTS] there is one"
        self.house.folders[name] = Folder(70)
        return "OK made"

    async def _idle(self, rest: str, tag: str, fault: str) -> str | None:
        house = self.house
        if rest or not self._in("selected") or "IDLE" not in house.capabilities:
            return self._offence(f"IDLE {rest}")
        self.say("+ idling")
        if house.repeats:
            self.say(f"* {self.known} EXISTS")
        await self.writer.drain()
        if fault == "mid":
            return None
        done, news = asyncio.create_task(self.reader.readline()), asyncio.Event()
        done.add_done_callback(lambda _: news.set())
        house._idle.add(news)
        try:
            while not done.done():
                news.clear()
                if house.push:
                    self._tell_of_new()
                    await self.writer.drain()
                await news.wait()
            line = await done
        finally:
            house._idle.discard(news)
            done.cancel()
            await asyncio.gather(done, return_exceptions=True)
        if line != b"DONE\r\n":
            if line:
                house.offences.append(f"in IDLE: {line!r}")
            return None
        waiting = house.faults.get("DONE", [])
        if waiting and waiting.pop(0) == "stall":
            await house.go_on.wait()
        return "OK idle done"

    # folders

    def _mails(self) -> list[Stored]:
        return self.house.folders[self.folder].mails

    def _chosen(self, uids: str) -> Iterable[tuple[int, Stored]]:
        wanted = {int(uid) for uid in uids.split(",")}
        return [(number, mail) for number, mail in enumerate(self._mails(), 1) if mail.uid in wanted]

    def _copy(self, rest: str, verb: str) -> str:
        uids, _, name = rest.partition(" ")
        if not self._in("selected") or not re.fullmatch("[0-9,]+", uids) or len(_strings(name)) != 1:
            return self._offence(f"{verb} {rest}")
        there = self.house.folders.get(_strings(name)[0])
        if there is None:
            return "NO [TRYCREATE] no such folder"
        for _, mail in self._chosen(uids):
            there.add(mail.raw, mail.date)
        return "OK done"

    def _expunge(self, gone: list[Stored]) -> None:
        for mail in gone:
            number = self._mails().index(mail) + 1
            self._mails().remove(mail)
            self.known -= 1
            self.say(f"* {number} EXPUNGE")


def _strings(rest: str) -> list[str]:
    """Quoted strings with one space between; [] when it is anything else."""
    if not re.fullmatch(r'"(?:[^"\\]|\\.)*"(?: "(?:[^"\\]|\\.)*")*', rest):
        return []
    return [re.sub(r"\\(.)", r"\1", word) for word in re.findall(r'"((?:[^"\\]|\\.)*)"', rest)]
