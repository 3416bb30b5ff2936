import shutil
from pathlib import Path

import pytest
from cli_desk import CliDesk

AGENTS = (("admin", "admin", ""), ("ada", "agent", "transfers"), ("ben", "agent", ""), ("sue", "supervisor", ""))


@pytest.fixture(scope="session")
def cli_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "data"
    desk = CliDesk(folder)
    for name, role, queues in AGENTS:
        assert desk("agents", "add", name, "--role", role, "--queues", queues).status == 0
    return folder


@pytest.fixture
def desk(cli_template: Path, tmp_path: Path) -> CliDesk:
    """Where admin, ada (transfers only), ben and sue (a supervisor) work, and nothing has come in yet."""
    return CliDesk(Path(shutil.copytree(cli_template, tmp_path / "data")))


@pytest.fixture(scope="session")
def quiet(cli_template: Path, tmp_path_factory: pytest.TempPathFactory) -> CliDesk:
    """One for all who are refused something: with the ticket `quiet.code`, and `off`, who is switched off."""
    desk = CliDesk(Path(shutil.copytree(cli_template, tmp_path_factory.mktemp("quiet") / "data")))
    desk.code = desk.ticket()
    desk("agents", "add", "off")
    desk("agents", "off", "off")
    return desk
