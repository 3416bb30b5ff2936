"""What the tests of the way out share."""

from pathlib import Path

import anyio
import pytest
from fakes.certificates import Authority


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The addresses to which a connection was asked for; nobody there takes one."""
    asked: list[tuple[str, int]] = []

    async def connect(remote_host: str, remote_port: int, **_given: object) -> None:
        asked.append((remote_host, remote_port))
        raise ConnectionRefusedError

    monkeypatch.setattr(anyio, "connect_tcp", connect)
    return asked
