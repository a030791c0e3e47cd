"""``aframe-data fetch`` with gaps, masks, a cache and for a machine, from a GWOSC server as a user would."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from servers.gwosc import GwoscServer
from servers.gwosc_archive import GwoscArchive
from servers.gwosc_files import write_strain_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

START = 1_240_584_192  # a multiple of 4096 inside O3a
FILE = 128


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GwoscServer]:
    """H1 and L1 in two files each: H1 lacks three seconds, L1 has a hardware injection and ten seconds below CAT1."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    archive = GwoscArchive()
    injections, quality = np.full(FILE, 31, "u4"), np.full(FILE, 127, "u4")
    injections[100] -= 1
    quality[60:70] = 0b1
    for k in (0, 1):
        start = START + k * FILE
        missing = [(START + 40, START + 43)] if k == 0 else []
        masks: dict[str, Any] = {"injections": injections, "quality": quality} if k == 0 else {}
        archive.add_file(write_strain_file(tmp_path, "H1", start, FILE, missing=missing), "O3a")
        archive.add_file(write_strain_file(tmp_path, "L1", start, FILE, **masks), "O3a")
    with GwoscServer(archive) as running:
        yield running


@pytest.fixture
def fetch(cli: Callable[..., Any], server: GwoscServer, tmp_path: Path) -> Callable[..., Any]:
    """Run the command over both files but for ten seconds at either end."""

    def call(*arguments: str | Path) -> Any:
        line = f"fetch --source gwosc --host {server.url} --channels H1,L1 --sample-rate 1024 --workers 0"
        span = f"--start {START + 10} --end {START + 2 * FILE - 10}"
        return cli(*line.split(), *span.split(), "-o", tmp_path / "background", *arguments)

    return call


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*"))


def test_a_gap_fails_and_the_line_says_what_to_do(fetch: Callable[..., Any], tmp_path: Path) -> None:
    done = fetch()
    assert done.code == 1
    assert f"H1 has 3 s of samples that are not finite (missing data) in [{START + 10}, {START + 246})" in done.err
    assert "--gaps split leaves them out, --gaps fill puts zeros there" in done.err
    assert f"Unfinished parts are in {tmp_path}/background/background.parts" in done.err
    assert done.err.count("\n") == 2


def test_the_same_with_split_uses_what_was_fetched(
    fetch: Callable[..., Any], server: GwoscServer, tmp_path: Path
) -> None:
    fetch()
    asked = len(server.asked(r"\.hdf5$"))
    done = fetch("--gaps", "split")
    assert done.code == 0
    assert len(server.asked(r"\.hdf5$")) == asked == 4
    assert "2 fetched, 0 skipped, 0 failed" in done.out
    assert "left out: H1, 3 s of samples that are not finite (missing data)" in done.out
    assert files(tmp_path / "background") == [f"background-{START + 10}-30.hdf5", f"background-{START + 43}-203.hdf5"]
    again = fetch("--gaps", "split")
    assert "0 fetched, 2 skipped, 0 failed" in again.out


def test_unfinished_work_of_another_command_is_told(fetch: Callable[..., Any], tmp_path: Path) -> None:
    fetch()  # fails, and leaves its parts
    done = fetch("--gaps", "split", "--dtype", "float32")
    assert done.code == 0
    assert f"{tmp_path}/background/background.parts holds unfinished work of other commands; delete it" in done.out


def test_bits_and_injections_are_cut_too(fetch: Callable[..., Any], tmp_path: Path) -> None:
    done = fetch("--gaps", "split", "--require-bits", "CBC_CAT1", "--exclude-hardware-injections")
    assert done.code == 0
    assert "left out: H1, 3 s of samples that are not finite (missing data)\n" in done.out  # and no bit is on there
    assert "left out: L1, 10 s with bit CBC_CAT1 off, 1 s with a hardware injection (NO_CBC_HW_INJ off)" in done.out
    assert files(tmp_path / "background") == [
        f"background-{START + 10}-30.hdf5",
        f"background-{START + 43}-17.hdf5",
        f"background-{START + 70}-30.hdf5",
        f"background-{START + 101}-145.hdf5",
    ]


def test_filled_files_verify_and_say_what_was_filled(
    fetch: Callable[..., Any], cli: Callable[..., Any], tmp_path: Path
) -> None:
    assert "filled with zeros: H1, 3 s of samples that are not finite" in fetch("--gaps", "fill").out
    checked = cli("verify", tmp_path / "background")
    assert checked.code == 0
    assert f"filled: background-{START + 10}-236.hdf5" in " ".join(checked.out.split())


def test_split_files_verify_against_the_segment_that_they_are_of(
    fetch: Callable[..., Any], cli: Callable[..., Any], tmp_path: Path
) -> None:
    fetch("--gaps", "split")
    (tmp_path / "segments.txt").write_text(f"# seg\tstart\tstop\tduration\n0\t{START + 10}\t{START + 246}\t236.0\n")
    checked = cli("verify", tmp_path / "background", "--segments", tmp_path / "segments.txt")
    assert checked.code == 0, checked.out
    assert "cut" in checked.out


def test_a_bit_that_there_is_not_is_a_wrong_argument(fetch: Callable[..., Any]) -> None:
    done = fetch("--require-bits", "CBC_CAT9")
    assert done.code == 2
    assert "unknown bit of H1 'CBC_CAT9'. Did you mean" in done.err
    assert done.err.count("\n") == 1


def test_a_machine_gets_a_line_for_each_file_and_a_report(fetch: Callable[..., Any]) -> None:
    done = fetch("--gaps", "split", "--json")
    *each, report = map(json.loads, done.out.splitlines())
    assert [event["event"] for event in (*each, report)] == ["file", "file", "report"]
    assert [(event["status"], event["start"], event["stop"]) for event in each] == [
        ("fetched", START + 10, START + 40),
        ("fetched", START + 43, START + 246),
    ]
    assert [file["path"] for file in report["files"]] == [event["path"] for event in each]
    assert report["cut"] == {
        "H1": [
            {"start": START + 40, "stop": START + 43, "reason": "of samples that are not finite (missing data)"},
        ],
    }
    assert report["filled"] == {}
    assert report["dropped"] == []


def test_a_machine_gets_the_plan_too(fetch: Callable[..., Any]) -> None:
    plan = json.loads(fetch("--dry-run", "--json").out)
    assert [(file["status"], file["bytes"]) for file in plan["files"]] == [("missing", 236 * 1024 * 8 * 2)]
    assert plan["bytes"] == plan["temporary_bytes"] == 236 * 1024 * 8 * 2
    assert plan["sources"] == ["gwosc"]


def test_a_machine_is_told_of_failures_on_stdout_and_people_on_stderr(fetch: Callable[..., Any]) -> None:
    done = fetch("--json")
    assert done.code == 1
    report = json.loads(done.out.splitlines()[-1])
    assert report["files"][0]["status"] == "failed"
    assert "not finite" in report["files"][0]["error"]
    assert "not finite" in done.err


def test_a_cache_serves_another_rate(
    fetch: Callable[..., Any], cli: Callable[..., Any], server: GwoscServer, tmp_path: Path
) -> None:
    assert fetch("--gaps", "fill", "--cache", tmp_path / "cache").code == 0
    asked = len(server.asked(r"\.hdf5$"))
    line = f"fetch --source gwosc --host {server.url} --channels H1,L1 --sample-rate 512 --gaps fill --workers 0"
    done = cli(
        *line.split(), "--start", START + 50, "--end", START + 200, "-o", tmp_path / "b", "--cache", tmp_path / "cache"
    )
    assert done.code == 0
    assert len(server.asked(r"\.hdf5$")) == asked


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--cache", "{out}"], "training would read the archive's raw files"),
        (["--cache", "{out}/c", "--cache-size", "50"], "cache_size = 50 is not allowed"),
        (
            ["--cache", "{out}/c", "--cache-size", "5 gallons"],
            "cache_size = '5 gallons' is not allowed: a size is a number and a unit of",
        ),
        (["--gaps", "cut"], "gaps = 'cut' is not allowed, only one of fail, split, fill"),
        (["--require-bits", "A,A"], "empty or given twice"),
    ],
    ids=str,
)
def test_a_wrong_argument_is_refused_before_any_work(
    fetch: Callable[..., Any], server: GwoscServer, tmp_path: Path, arguments: list[str], words: str
) -> None:
    done = fetch(*(argument.replace("{out}", str(tmp_path / "background")) for argument in arguments))
    assert done.code == 2
    assert words in done.err
    assert done.err.count("\n") == 1
    assert not (tmp_path / "background").exists()
    assert server.asked() == []


@pytest.mark.parametrize(("apart", "at_once"), [(0, 3), (4096, 1)])
def test_the_parts_of_all_files_in_one_block_of_the_archive_lie_there_at_once(
    cli: Callable[..., Any], tmp_path: Path, apart: int, at_once: int
) -> None:
    starts = [4096 * 300_000 + number * (apart or 200) for number in range(3)]
    segments = tmp_path / "segments.txt"
    segments.write_text("".join(f"{start} {start + 100}\n" for start in starts))
    options = ("--source", "simulated", "--channels", "H1,L1", "--sample-rate", "512", "--workers", "0")
    done = cli("fetch", *options, "--segments", segments, "-o", tmp_path / "bg", "--dry-run", "--json")
    assert (done.code, done.err) == (0, "")
    plan = json.loads(done.out)
    assert plan["bytes"] == 3 * 100 * 512 * 8 * 2
    assert plan["temporary_bytes"] == at_once * 100 * 512 * 8 * 2
