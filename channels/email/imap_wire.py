"""A connection to an IMAP server: commands go out, whole responses come in, within limits of time and bytes.

What goes wrong is a DeskError, and the end of the connection: an answer that comes late would be taken for that of the
next command (CHANNELS A2, A10). A `NO` is an answer.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TypeVar

from channels.email.imap_grammar import Response, Unreadable, literal_size, read_response
from deskd.domain.errors import DeskError

CONNECT_SECONDS = 15.0
COMMAND_SECONDS = 30.0  # for one command and its whole answer, a mail apart
CLOSE_SECONDS = 1.0
CHUNK = 65_536  # bytes that are buffered of a line, and read of a literal, at once
MAX_LINE = 16 * 1024 * 1024  # bytes: SEARCH answers in one line, and two million numbers fit in it
MAX_WORDS = 16 * 1024  # bytes of literals in the answer to a command that asks for no mail; more is left out
MAX_PARTS = 64  # literals and the text between them in one response
MAX_SEEN = 100_000  # responses of the kinds that a command asks for
SAID = 200  # characters of a server's words that are shown

Piece = bytes | tuple[bytes, bool]
"""What stands in a command as it is; or a string of ours, and whether it has to go as a literal."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command came to; `seen`: the untagged responses of the kinds that it asked for."""

    last: Response
    seen: Sequence[Response] = ()

    @property
    def ok(self) -> bool:
        return self.last.kind == "OK"

    @property
    def said(self) -> str:
        """The server's words, for a log and for whoever minds the mailbox."""
        code = f"[{self.last.code}] " if self.last.code else ""
        words = f"{self.last.kind} {code}{self.last.text}"
        return "".join(c if c.isprintable() else " " for c in words)[:SAID].strip().rstrip(".")


@asynccontextmanager
async def connected(host: str, port: int, tls: ssl.SSLContext | None, place: str) -> AsyncIterator["Wire"]:
    """A connection, closed at the end whatever happened; not greeted yet. DeskError when there is none to be had."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            reader, writer = await asyncio.open_connection(host, port, ssl=tls, limit=CHUNK)
    except TimeoutError as error:
        raise DeskError(f"{place} takes no connection within {CONNECT_SECONDS:g} s.") from error
    except ssl.SSLCertVerificationError as error:
        raise DeskError(f"{place} shows a certificate that is not right: {error.verify_message}.") from error
    except OSError as error:
        raise DeskError(f"{place} can't be reached: {error.strerror or type(error).__name__}.") from error
    wire = Wire(place, reader, writer)
    try:
        yield wire
    finally:
        await wire.close()


class Wire:
    """`place` names the server in sentences. `news`: mail has come since that was last set to False.

    Servers say it whenever they like, in IDLE and before the answer to any command, and some say the same number again.
    """

    def __init__(self, place: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.place, self._reader, self._writer = place, reader, writer
        self.news, self._mails = False, 0
        self._commands = 0
        self._room = MAX_WORDS

    async def greeting(self) -> Answer:
        return Answer(await self._in_time(self._response(), COMMAND_SECONDS))

    async def command(
        self, *pieces: Piece, wanted: Collection[str] = (), seconds: float | None = None, room: int = MAX_WORDS
    ) -> Answer:
        """One command and its answer. wanted: kinds of responses to be told; room: bytes of literals to be kept."""
        return await self._in_time(self._command(pieces, wanted, room), seconds or COMMAND_SECONDS)

    async def idle(self, seconds: float) -> bool:
        """Waits in IDLE (RFC 2177) for a hint of new mail, at most so long; False when the server has no IDLE."""
        tag = await self._in_time(self._begin([b"IDLE"]), COMMAND_SECONDS)
        if (await self._in_time(self._next(), COMMAND_SECONDS)).tag != "+":
            return False
        hinted = asyncio.Event()
        listening = asyncio.create_task(self._listen(tag, hinted))
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await hinted.wait()
            if not listening.done():
                self._writer.write(b"DONE\r\n")
            await self._in_time(listening, COMMAND_SECONDS)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
        return True

    async def close(self) -> None:
        self._writer.transport.abort()
        with suppress(OSError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._writer.wait_closed()

    def broken(self, why: str) -> DeskError:
        """To be raised: nothing more is said on this connection."""
        self._writer.transport.abort()
        return DeskError(f"{self.place} {why}.")

    async def _listen(self, tag: str, hinted: asyncio.Event) -> None:
        """To the end of IDLE. The hint is a new mail, or that there will be none any more."""
        try:
            while (await self._response()).tag != tag:
                if self.news:
                    hinted.set()
        finally:
            hinted.set()

    async def _command(self, pieces: Sequence[Piece], wanted: Collection[str], room: int) -> Answer:
        tag = await self._begin(pieces)
        self._room = room
        seen: list[Response] = []
        while (said := await self._response()).tag != tag:
            if said.tag != "*":
                raise Unreadable("an answer to another command")
            if said.kind in wanted:
                seen.append(said)
                if len(seen) > MAX_SEEN:
                    raise Unreadable("an answer that does not end")
        self._room = MAX_WORDS
        return Answer(said, seen)

    async def _begin(self, pieces: Sequence[Piece]) -> str:
        """Sends a command, its literals when the server asks for them; returns the tag."""
        self._commands += 1
        tag = f"d{self._commands}"
        line = [tag.encode(), b" "]
        for piece in pieces:
            text, as_literal = (piece, False) if isinstance(piece, bytes) else piece
            if as_literal:
                self._writer.write(b"".join([*line, b"{%d}\r\n" % len(text)]))
                refused = await self._next()
                if refused.tag != "+":
                    raise self.broken(f"takes no literal: {Answer(refused).said}")
                line = []
            line.append(text)
        self._writer.write(b"".join([*line, b"\r\n"]))
        await self._writer.drain()
        return tag

    async def _next(self) -> Response:
        """The next that is not untagged."""
        while (said := await self._response()).tag == "*":
            pass
        return said

    async def _response(self) -> Response:
        parts = [await self._read_line()]
        while (size := literal_size(parts[-1], first=len(parts) == 1)) is not None:
            if len(parts) > MAX_PARTS:
                raise Unreadable("a response that does not end")
            parts[-1] = parts[-1][: parts[-1].rindex(b"{")]
            parts += [await self._read_literal(size), await self._read_line()]
        said = read_response(parts)
        if said.kind == "BYE":
            raise self.broken(f"takes its leave: {Answer(said).said}")
        if said.kind == "EXISTS" and said.number is not None:
            self.news |= said.number > self._mails
            self._mails = said.number
        elif said.kind == "EXPUNGE":
            self._mails -= 1
        return said

    async def _read_line(self) -> bytes:
        line = bytearray()
        while not line.endswith(b"\n"):
            try:
                line += await self._reader.readuntil(b"\n")
            except asyncio.LimitOverrunError as over:
                line += await self._reader.readexactly(over.consumed)
            if len(line) > MAX_LINE:
                raise Unreadable("a line that does not end")
        return bytes(line.removesuffix(b"\n").removesuffix(b"\r"))

    async def _read_literal(self, size: int) -> bytes:
        """What there is room for; the rest is read and left out."""
        kept, left = bytearray(), size
        while left:
            piece = await self._reader.read(min(left, CHUNK))
            if not piece:
                raise asyncio.IncompleteReadError(b"", left)
            left -= len(piece)
            kept += piece[: self._room]
            self._room -= min(len(piece), self._room)
        return bytes(kept)

    async def _in_time(self, work: Awaitable[T], seconds: float) -> T:
        try:
            async with asyncio.timeout(seconds):
                return await work
        except TimeoutError as error:
            raise self.broken(f"does not answer within {seconds:g} s") from error
        except (OSError, asyncio.IncompleteReadError) as error:
            raise self.broken("hung up") from error
        except Unreadable as error:
            raise self.broken(f"says what is no IMAP: {error}") from error
        except BaseException:
            self._writer.transport.abort()
            raise
