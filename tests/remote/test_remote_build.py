"""A whole data set in a bucket: built, known again, gone on with, and made again, as it is on a disk."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from aframe_data.build.stages import STAGES
from build_files import FILES, data_of, require_equal
from small_build import SMALL, built

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command_line import Finished
    from conftest import Bucket
    from servers.s3 import Asked

    Cli = Callable[..., Finished]

__all__ = ["built"]

#: Only waveforms, and what fails and goes on there goes on everywhere.
WAVEFORMS = ("--only", "training-waveforms", "--no-report")
_PARTS = {"num_signals = 9": "num_signals = 150", "num_signals = 5": "num_signals = 40\nbranches = false"}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    return path


def fetched(bucket: Bucket, to: Path) -> dict[str, Any]:
    """What the objects of a data set hold."""
    bucket.store.get(bucket.url, str(to), recursive=True)
    return data_of(to)


def record_of(bucket: Bucket) -> dict[str, Any]:
    found: dict[str, Any] = json.load(bucket.content("build.json"))
    return found


@pytest.mark.slow
def test_a_build_into_a_bucket_is_that_on_a_disk(
    cli: Cli, bucket: Bucket, small: Path, built: Path, tmp_path: Path
) -> None:
    done = cli("build", small, "-o", bucket.url)
    assert (done.code, f"no problem found: see {bucket.url}/report.html" in done.out) == (0, True), done.err
    assert bucket.objects() == sorted(f"data/{name}" for name in (*FILES, "build.json", "report.html"))
    require_equal(fetched(bucket, tmp_path / "got"), data_of(built))
    assert {name for stage in record_of(bucket)["stages"] for name in stage["outputs"]} == set(FILES)
    page = (tmp_path / "got" / "report.html").read_text()
    assert cli("report", built, "-o", tmp_path / "local.html", "--quick", "--workers", "0").code == 0
    assert page.count("<svg") == (tmp_path / "local.html").read_text().count("<svg") > 0
    assert f"aframe-data build {small} -o {bucket.url}" in page
    assert not [path for path in bucket.cache.rglob("*") if "objects" in path.parts]
    assert not bucket.uploads()

    size = sum(stage["nbytes"] for stage in record_of(bucket)["stages"])
    bucket.server.asked.clear()
    again = cli("build", small, "-o", bucket.url)
    assert (again.code, again.out.count("already there")) == (0, len(STAGES))
    assert again.out.splitlines()[-1] == f"see {bucket.url}/report.html"
    assert not bucket.server.put
    assert bucket.server.sent < size
    told = cli("build", small, "-o", bucket.url, "--dry-run", "--json")
    assert {stage["state"] for stage in json.loads(told.out)["stages"]} == {"present"}
    assert cli("build", small, "-o", bucket.url, "--list-units").out == ""
    assert cli("report", bucket.url, "--quick", "--workers", "0").code == 0
    assert bucket.content("report.html").read().decode() == page

    other = f"{bucket.url}/data/train/background-1240570000-2048.hdf5"
    bucket.store.cp(f"{bucket.url}/{FILES[2]}", other)
    small.write_text(SMALL.replace("num_signals = 4", "num_signals = 3"))
    refused = cli("build", small, "-o", bucket.url)
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert other in refused.err
    bucket.server.asked.clear()
    assert cli("build", small, "-o", bucket.url, "--overwrite", "--no-report").code == 0
    assert not bucket.store.exists(other)
    made = set(bucket.server.put) - {"/bucket/data/build.json"}
    assert made == {f"/bucket/data/{FILES[10]}"}


@pytest.mark.slow
def test_a_dry_run_into_a_bucket_makes_nothing(cli: Cli, bucket: Bucket, small: Path) -> None:
    done = cli("build", small, "-o", bucket.url, "--dry-run", "--json")
    assert done.code == 0, done.err
    told = {stage["name"]: stage for stage in json.loads(done.out)["stages"]}
    assert [*told] == [*STAGES]
    assert told["train-background"]["outputs"] == f"{bucket.url}/data/train"
    assert told["train-background"]["nbytes"] == 2 * 2048 * 1024 * 4
    assert not bucket.objects()
    assert not bucket.work()


@pytest.mark.slow
def test_units_that_share_only_a_bucket_come_to_the_same_data(
    cli: Cli, bucket: Bucket, small: Path, tmp_path: Path
) -> None:
    """Each has a home of its own, as if it were another machine."""
    text = SMALL
    for one, other in _PARTS.items():
        text = text.replace(one, other)
    small.write_text(text)
    units = cli("build", small, "-o", bucket.url, "--list-units", "--parts", "2").out.splitlines()
    assert len(units) > len(STAGES)
    for number, unit in enumerate(map(json.loads, units)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_CACHE_HOME", str(tmp_path / f"cache-{number}"))
            done = cli(*unit["command"][1:])
        assert done.code == 0, (unit["unit"], done.err)
        assert all(bucket.store.exists(url) for url in unit["outputs"])
    assert cli("build", small, "-o", bucket.url, "--no-report").out.count("already there") == len(STAGES)
    local = tmp_path / "local"
    assert cli("build", small, "-o", local, "--no-report").code == 0
    require_equal(fetched(bucket, tmp_path / "got"), data_of(local))


@pytest.mark.slow
def test_a_build_into_a_bucket_that_is_killed_goes_on(bucket: Bucket, small: Path, built: Path, tmp_path: Path) -> None:
    """Killed before one object appears after the other; two workers, so that processes are killed too."""
    small.write_text(SMALL.replace("workers = 0", "workers = 2"))
    command = [sys.executable, "-m", "aframe_data", "build", str(small), "-o", bucket.url, "--no-report"]
    for object_ in ("segments.txt", "background-1240579783-2048.hdf5", "build.json", "training_waveforms.hdf5"):
        running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)

        def kill(asked: Asked, name: str = object_, running: subprocess.Popen[str] = running) -> None:
            if asked.method == "PUT" and asked.path.endswith(name):
                os.killpg(running.pid, signal.SIGKILL)

        bucket.server.before = kill
        _, err = running.communicate(timeout=300)
        assert running.returncode == -signal.SIGKILL, err
        bucket.server.before = lambda _asked: None
    last = subprocess.run(command, capture_output=True, text=True, check=False)
    assert last.returncode == 0, last.stderr
    assert not bucket.work()
    require_equal(fetched(bucket, tmp_path / "got"), data_of(built))


def test_a_configuration_is_written_to_a_bucket_and_read_from_it(cli: Cli, bucket: Bucket, small: Path) -> None:
    url = f"{bucket.url}/quick.toml"
    assert cli("init", "quickstart", "-o", url).code == 0
    assert "already" in cli("init", "quickstart", "-o", url).out
    bucket.store.pipe_file(url, small.read_bytes())
    changed = cli("init", "quickstart", "-o", url)
    assert (changed.code, "exists already" in changed.err) == (2, True)
    done = cli("build", url, "-o", bucket.url, *WAVEFORMS)
    assert done.code == 0, done.err
    assert record_of(bucket)["configuration"] == SMALL
    assert record_of(bucket)["configuration_name"] == "quick.toml"
    assert f"data/{FILES[9]}" in bucket.objects()


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("403 Forbidden", (1, "the store refuses access to s3://bucket")),
        ("404 Not Found", (2, "there is no bucket 's3://bucket'")),
        ("501 Not Implemented", (1, "cannot be used: [Errno 38] Not Implemented")),
    ],
)
def test_a_store_that_refuses_stops_a_build_before_its_first_stage(
    cli: Cli, bucket: Bucket, small: Path, status: str, expected: tuple[int, str]
) -> None:
    bucket.server.before = lambda _asked: status
    done = cli("build", small, "-o", bucket.url)
    assert (done.code, done.err.count("\n")) == (expected[0], 1)
    assert expected[1] in done.err
    assert not bucket.work()


@pytest.mark.parametrize(("status", "told"), [("403 Forbidden", "refuses access"), ("404 Not Found", "no bucket")])
def test_a_store_that_closes_in_the_middle_ends_a_build_that_can_go_on(
    cli: Cli, bucket: Bucket, small: Path, status: str, told: str
) -> None:
    closed: list[str] = []

    def close(asked: Asked) -> str | None:
        if asked.method == "PUT" and asked.path.endswith(".hdf5"):
            closed.append(asked.path)
        return status if closed else None

    bucket.server.before = close
    done = cli("build", small, "-o", bucket.url, *WAVEFORMS)
    assert done.code == 1
    assert (told in done.err.splitlines()[-1], "Traceback" in done.err) == (True, False)
    bucket.server.before = lambda _asked: None
    again = cli("build", small, "-o", bucket.url, *WAVEFORMS)
    assert again.code == 0
    assert "finished" in again.err or "going on" in again.err
    assert bucket.objects() == ["data/build.json", f"data/{FILES[9]}"]


def test_a_report_of_nothing_in_a_bucket_is_refused(cli: Cli, bucket: Bucket) -> None:
    done = cli("report", f"{bucket.url}/nothing")
    assert (done.code, done.err) == (2, f"aframe-data: error: there is no folder '{bucket.url}/nothing'.\n")
