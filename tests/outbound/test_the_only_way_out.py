"""No other module of ours speaks HTTP to others: what was learnt here must hold for all of them."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("channels", "ingest", "router", "sla", "deskd", "worker.py")
CLIENTS = (
    *("httpx2", "httpx", "httpcore2", "httpcore", "requests", "urllib.request", "urllib3", "aiohttp", "http.client"),
    *("pycurl", "niquests", "httplib2", "websockets", "xmlrpc.client"),
)
THE_ONE = ROOT / "deskd" / "outbound"


def _named(tree: ast.AST) -> Iterator[str]:
    """Every module that a file imports, also by `from x import y` and by a name in a call."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call):
            yield from (arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str))


def _clients(source: str) -> set[str]:
    return {c for name in _named(ast.parse(source)) for c in CLIENTS if name == c or name.startswith(f"{c}.")}


def _files() -> Iterator[Path]:
    for name in OURS:
        yield from [ROOT / name] if name.endswith(".py") else sorted((ROOT / name).rglob("*.py"))


def test_only_the_way_out_imports_an_http_client() -> None:
    found = {
        str(path.relative_to(ROOT)): _clients(path.read_text()) for path in _files() if THE_ONE not in path.parents
    }
    assert len(found) > 100
    assert not {path: clients for path, clients in found.items() if clients}


@pytest.mark.parametrize(
    ("source", "client"),
    [
        ("import httpx2", "httpx2"),
        ("import requests as r", "requests"),
        ("import urllib.request", "urllib.request"),
        ("from urllib import parse, request", "urllib.request"),
        ("from http import client", "http.client"),
        ("from aiohttp.client import ClientSession", "aiohttp"),
        ("def f():\n    from httpx import get", "httpx"),
        ('import importlib\nimportlib.import_module("urllib3")', "urllib3"),
    ],
)
def test_every_way_of_importing_one_is_seen(source: str, client: str) -> None:
    assert _clients(source) == {client}


@pytest.mark.parametrize(
    "source", ["import urllib.parse", "from http import HTTPStatus", "import httptools", "from . import x"]
)
def test_what_opens_no_connection_may_be_imported(source: str) -> None:
    assert not _clients(source)
