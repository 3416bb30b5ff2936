"""/api/openapi.json: OpenAPI 3.1, made from the table of operations and the shapes that read and write."""

import json
import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from deskd.console.api import asked, once, problems
from deskd.console.api.operations import Operation

REF = "#/components/schemas/{model}"
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key with the same body is answered the same for 24 hours, and done once",
    "schema": {"type": "string", "pattern": f"^{once.KEY.pattern}$"},
}
CODE = {"type": "string", "description": "A ticket's code: UP-7K3M-9QXD"}
ID = {"type": "string", "pattern": f"^{asked.ID.pattern}$"}
CHALLENGE = {"WWW-Authenticate": {"schema": {"type": "string"}, "description": "RFC 6750, section 3"}}


def written(operations: Iterable[Operation]) -> bytes:
    return json.dumps(document(tuple(operations)), ensure_ascii=False).encode()


def document(operations: tuple[Operation, ...]) -> dict[str, Any]:
    schemas = _schemas(operations)
    paths: dict[str, Any] = {}
    for one in operations:
        query = schemas[one.query.__name__]["properties"] if one.query else {}
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, query)
    queries = {one.query.__name__ for one in operations if one.query}
    return {
        "openapi": "3.1.0",
        "info": {"title": "deskd", "version": "1", "description": "The desk's own verbs, for programs: docs/api.md"},
        "paths": paths,
        "components": {
            "schemas": {name: schema for name, schema in schemas.items() if name not in queries},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _schemas(operations: tuple[Operation, ...]) -> dict[str, Any]:
    shapes: list[tuple[type[BaseModel], JsonSchemaMode]] = [(problems.Fault, "serialization")]
    for one in operations:
        shapes.append((one.answer, "serialization"))
        shapes += [(shape, "validation") for shape in (one.query, one.body) if shape is not None]
    _, made = models_json_schema(list(dict.fromkeys(shapes)), ref_template=REF)
    schemas: dict[str, Any] = made["$defs"]
    return schemas


def _operation(one: Operation, query: dict[str, Any]) -> dict[str, Any]:
    named = re.findall(r"{(\w+)}", one.path)
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": CODE if name == "code" else ID} for name in named
    ]
    parameters += [{"name": name, "in": "query", "required": False, "schema": query[name]} for name in query]
    told: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.what,
        "security": [{"token": [str(one.scope)]}],
        "parameters": parameters + ([KEY] if one.method == "POST" else []),
        "responses": {
            str(one.status): _content("application/json", one.answer.__name__, HTTPStatus(one.status).phrase)
        },
    }
    if one.body is not None:
        told["requestBody"] = {"required": True} | _content("application/json", one.body.__name__)
    for status in _refusals(one):
        told["responses"][str(status)] = _content(problems.MEDIA, "Fault", HTTPStatus(status).phrase)
        if status in {401, 403}:
            told["responses"][str(status)]["headers"] = CHALLENGE
    return told


def _content(media: str, shape: str, description: str = "") -> dict[str, Any]:
    content = {media: {"schema": {"$ref": REF.format(model=shape)}}}
    return {"description": description, "content": content} if description else {"content": content}


def _refusals(one: Operation) -> list[int]:
    statuses = {401, 403, 422, 503}
    if "{" in one.path or one.body is not None:
        statuses.add(404)
    if one.method == "POST":
        statuses |= {400, 409, 413}
    if one.body is not None:
        statuses.add(415)
    return sorted(statuses)
