import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

NOBODY = 65_534


@pytest.fixture
def common() -> Iterator[Path]:
    """A folder that every user of this machine can reach, unlike those of pytest."""
    folder = Path(tempfile.mkdtemp(prefix="deskd-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def common_user() -> Callable[[], AbstractContextManager[None]]:
    """For a while, somebody to whom permissions apply: root passes them all."""

    @contextmanager
    def become() -> Iterator[None]:
        if os.geteuid() != 0:
            yield
            return
        os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)

    return become
