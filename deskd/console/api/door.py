"""One request: who asks, may they, what do they ask, once and no more, the answer.

A token says who acts; no cookie is looked at, so no other site can have a browser ask.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deskd.acts import tokens
from deskd.acts.rights import may, present
from deskd.acts.tokens import Bearer
from deskd.console.api import asked, once, openapi
from deskd.console.api.on import On
from deskd.console.api.operations import OPERATIONS, Operation
from deskd.console.api.problems import Problem
from deskd.console.context import Context
from deskd.console.health import is_near
from deskd.domain.errors import Lost, NotFound
from deskd.store import api_tokens

Handler = Callable[[Request], Awaitable[Response]]
JSON = "application/json"
REPLAYED = {"idempotency-replayed": "true"}


def routes(context: Context) -> list[Route]:
    """One an address, so that a wrong method is told all that are right."""
    door, at = Door(context), dict[str, dict[str, Handler]]()
    for one in OPERATIONS:
        at.setdefault(one.path, {})[one.method] = door.of(one)
    made = [Route(path, _by_method(handlers), methods=list(handlers)) for path, handlers in at.items()]
    return [Route("/api/openapi.json", door.description, methods=["GET"]), *made]


def _by_method(handlers: Mapping[str, Handler]) -> Handler:
    async def run(request: Request) -> Response:
        return await handlers["GET" if request.method == "HEAD" else request.method](request)

    return run


class Door:
    def __init__(self, context: Context) -> None:
        self._context = context

    async def description(self, request: Request) -> Response:
        """For this machine, or for whoever has a token."""
        if not is_near(request):
            await self._bearer(request)
        return Response(await asyncio.to_thread(_document), media_type=JSON)

    def of(self, operation: Operation) -> Handler:
        async def run(request: Request) -> Response:
            bearer = await self._bearer(request)
            _within(bearer, operation)
            given = [*_parts(request), *_query(request, operation)]
            if operation.method == "GET":
                said = await self._context.read(lambda c: self._work(c, operation, bearer, given))
                return Response(said, operation.status, media_type=JSON)
            key = once.key_of(request)
            given += await _body(request, operation)
            status, said, before = await self._post(request.url.path, operation, bearer, key, given)
            if operation.rings and not before:
                await asyncio.to_thread(self._context.ring)
            return Response(said, status, REPLAYED if before else None, JSON)

        return run

    async def _bearer(self, request: Request) -> Bearer:
        """Raises Problem 401, the same for a token that is over, revoked, of somebody switched off, or made up."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Problem(401, "token", "A bearer token is needed: `deskd agents token` makes one.", _challenge())
        now = self._context.clock()
        found = await self._context.read(lambda c: tokens.bearer(c, token.strip(), now))
        if found is None:
            challenge = _challenge(error="invalid_token")
            raise Problem(401, "token", "This token is not valid, or not any more.", challenge)
        bearer, handle = found
        if handle:
            await self._context.write(lambda c: api_tokens.used(c, handle, now))
        return bearer

    async def _post(self, path: str, operation: Operation, bearer: Bearer, key: str, given: list[Any]) -> once.Answered:
        """Done in one transaction with the record of its answer. What only reads is not worked out under a lock."""
        ready: bytes | None = None
        if operation.reads:
            ready = await self._context.read(lambda c: self._work(c, operation, bearer, given))
            if not key:
                return operation.status, ready, False
        body = given[-1].model_dump_json() if operation.body is not None else ""

        def act(connection: Connection) -> once.Answered:
            def work() -> bytes:
                return self._work(connection, operation, bearer, given) if ready is None else ready

            if not key:
                return operation.status, work(), False
            on = self._on(connection, operation, bearer)
            return once.once(on, key, (operation.method, path, body), operation.status, work)

        try:
            return await self._context.write(act)
        except Lost:  # somebody else changed it first: one more look tells what is true now
            return await self._context.write(act)

    def _work(self, connection: Connection, operation: Operation, bearer: Bearer, given: list[Any]) -> bytes:
        return operation.call(self._on(connection, operation, bearer), *given).model_dump_json().encode()

    def _on(self, connection: Connection, operation: Operation, bearer: Bearer) -> On:
        """With the agent's rights of this moment. Raises Denied for a role that is not theirs."""
        agent = present(connection, bearer.agent)
        if operation.roles:
            may(agent, *operation.roles)
        return On(self._context, self._context.desk(), connection, agent, self._context.clock())


@lru_cache(1)
def _document() -> bytes:
    return openapi.written(OPERATIONS)


def _within(bearer: Bearer, operation: Operation) -> None:
    if operation.scope not in bearer.scopes:
        challenge = _challenge(error="insufficient_scope", scope=operation.scope)
        raise Problem(403, "scope", f"This token has not the scope {operation.scope}.", challenge)


def _challenge(**more: str) -> dict[str, str]:
    """RFC 6750, section 3."""
    parts = {"realm": "deskd", **more}
    return {"www-authenticate": "Bearer " + ", ".join(f'{name}="{value}"' for name, value in parts.items())}


def _parts(request: Request) -> list[Any]:
    """What the address names. What can be no id is as little there as an id of nothing."""
    for name, value in request.path_params.items():
        if name != "code" and not asked.ID.fullmatch(value):
            raise NotFound(f"There is no such {name} that you may see.")
    return list(request.path_params.values())


def _query(request: Request, operation: Operation) -> list[asked.Asked]:
    if operation.query is not None:
        return [asked.read_query(operation.query, request.query_params)]
    if request.query_params:
        raise Problem(422, "invalid", "This operation takes nothing behind the question mark.")
    return []


async def _body(request: Request, operation: Operation) -> list[asked.Asked]:
    raw = await request.body()
    if operation.body is None:
        if raw.strip() not in {b"", b"{}"}:
            raise Problem(422, "invalid", "This operation takes no body.")
        return []
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise Problem(415, "media-type", f"The body must be {JSON}.")
    return [asked.read_body(operation.body, raw)]
