"""The built wheel works in an empty environment, in another folder: nothing is missing from it."""

import os
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

OURS = {"channels", "ingest", "router", "sla", "deskd", "worker"}
ROOT = Path(__file__).parents[1]


def test_no_installed_distribution_owns_one_of_our_names() -> None:
    """Django Channels, for one, owns `channels`."""
    owners = metadata.packages_distributions()
    assert {name: owners.get(name, ["deskd"]) for name in OURS} == {name: ["deskd"] for name in OURS}


@pytest.mark.wheel
def test_the_wheel_runs_doctor_and_ingest_in_another_folder(tmp_path: Path) -> None:
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(tmp_path),
        str(ROOT),
    ]
    subprocess.run(build, check=True)
    [wheel] = tmp_path.glob("*.whl")
    names = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {name.removesuffix(".py") for name in names if "dist-info" not in name} == OURS
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "-r", str(ROOT / "requirements.lock")], check=True)
    subprocess.run([*pip, "--no-deps", str(wheel)], check=True)
    mail = tmp_path / "a.eml"
    mail.write_bytes(b"From: a@example.com\r\nSubject: x\r\n\r\nI forgot my password\r\n")
    plain = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    for words in (["doctor"], ["ingest", "email", str(mail), "--json"]):
        done = subprocess.run(
            [str(venv / "bin" / "deskd"), *words], cwd=tmp_path, env=plain, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    assert '"category": "account"' in done.stdout
