"""Aframe's five console scripts: its command lines, word for word, and its readers."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from aframe_pipeline import (
    BASE_PARAMETERS,
    Branch,
    fetch_line,
    injections_within,
    read_background,
    read_ledger,
    read_psd,
    segments_line,
    training_line,
    validation_line,
    write_psd,
)
from aframe_scripts import INLINE, SIMULATED, START, names, script

from aframe_data.aframe import scripts
from servers.dqsegdb import DqsegdbServer
from servers.tokens import Issuer, isolate

#: One branch of four signals.
BRANCH = Branch(START + 64.0, START + 64.0 + 3 * 24 + 40 + 1)


@pytest.fixture(scope="session")
def psd(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PSD file as Aframe's own rule writes it."""
    import lalsimulation

    path = tmp_path_factory.mktemp("aframe") / "psd.hdf5"
    frequencies = np.arange(8193) / 8.0
    values = np.array([lalsimulation.SimNoisePSDaLIGOZeroDetHighPower(max(f, 10.0)) for f in frequencies])
    write_psd(path, {"H1": values, "L1": values}, 0.125)
    return str(path)


def campaign(branch: Branch, psd: str, folder: Path) -> tuple[Path, Path]:
    """The files of a branch."""
    files = folder / "waveforms.hdf5", folder / "rejected_parameters.hdf5"
    assert script(*branch.line(psd, *map(str, files)), *INLINE) == 0
    return files


@pytest.fixture(scope="session")
def branch(psd: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return campaign(BRANCH, psd, tmp_path_factory.mktemp("campaign") / "branches" / "1-2-3")


# --- segments and strain ------------------------------------------------------------------------------


def test_segments_are_written_as_aframe_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "segments.txt"
    assert script(*segments_line(START, START + 20000, str(path)), *SIMULATED) == 0
    rows = [line.split() for line in path.read_text().splitlines() if not line.startswith("#")]
    assert rows
    assert all(float(stop) - float(start) == float(duration) >= 128 for _, start, stop, duration in rows)
    assert names(tmp_path) == ["segments.txt"]


def test_no_segment_is_a_file_with_a_header_only(tmp_path: Path) -> None:
    path = tmp_path / "segments.txt"
    assert script(*segments_line(START, START + 100, str(path)), *SIMULATED) == 0
    assert all(line.startswith("#") for line in path.read_text().splitlines())


@pytest.mark.parametrize("source", [(), ("--source", "dqsegdb")])
def test_other_flags_are_asked_of_the_segment_server_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: tuple[str, ...]
) -> None:
    isolate(monkeypatch, tmp_path)
    issuer = Issuer()
    issuer.publish()
    token = issuer.token("ANY", "dqsegdb.read")
    monkeypatch.setenv("BEARER_TOKEN", token)
    flags, path, end = ("H1:DMT-ANALYSIS_READY:1", "L1:DMT-ANALYSIS_READY:1"), tmp_path / "segments.txt", START + 1000
    with DqsegdbServer(token.__eq__) as server:
        for flag, active in zip(flags, [(START, START + 700), (START + 200, end)], strict=True):
            server.add(flag, known=[(START, end)], active=[active], private=True)
        line = segments_line(START, end, str(path), flags=f"[{','.join(flags)}]", server=server.url)
        assert script(*line, *source) == 0
    rows = [line.split()[1:] for line in path.read_text().splitlines() if not line.startswith("#")]
    assert rows == [[f"{START + 200}", f"{START + 700}", "500.0"]]


@pytest.mark.parametrize("seconds", [1, 9, 64])
def test_strain_of_a_span_lies_in_the_file_that_is_named(tmp_path: Path, seconds: int) -> None:
    path = tmp_path / "data" / "train" / f"background-{START}-{seconds}.hdf5"
    assert script(*fetch_line(START, START + seconds, str(path)), *SIMULATED, *INLINE) == 0
    strain = read_background(path, 2048.0)
    assert sorted(strain) == ["H1", "L1"]
    assert all(np.isfinite(values).all() and values.dtype == np.float64 for values in strain.values())
    assert names(path.parent) == [path.name]


def test_any_name_will_do_for_a_file_of_strain(tmp_path: Path) -> None:
    path = tmp_path / "some strain.h5"
    assert script(*fetch_line(START, START + 16, str(path)), *SIMULATED, *INLINE) == 0
    assert names(tmp_path) == ["some strain.h5"]


def test_a_link_to_a_file_stays_one(tmp_path: Path) -> None:
    link, path = tmp_path / "link.hdf5", tmp_path / "elsewhere" / "strain.hdf5"
    path.parent.mkdir()
    link.symlink_to(path)
    assert script(*fetch_line(START, START + 16, str(link)), *SIMULATED, *INLINE) == 0
    assert link.is_symlink()
    assert (names(tmp_path), names(path.parent)) == (["elsewhere", "link.hdf5"], ["strain.hdf5"])


def test_a_dry_run_names_the_file_that_would_be_there(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "strain.hdf5"
    assert script(*fetch_line(START, START + 16, str(path)), *SIMULATED, *INLINE, "--dry-run", "--json") == 0
    (file,) = json.loads(capfd.readouterr().out)["files"]
    assert (file["path"], file["status"]) == (str(path), "missing")
    assert names(tmp_path) == []


# --- waveforms ----------------------------------------------------------------------------------------


def test_training_waveforms_are_float64_and_each_branch_has_its_own(tmp_path: Path) -> None:
    paths = [tmp_path / "0.hdf5", tmp_path / "1.hdf5"]
    for path in paths:
        assert script(*training_line(3, str(path)), *INLINE) == 0
    first, second = (read_ledger(path, waveforms=("cross", "plus")) for path in paths)
    assert first.waveforms["plus"].dtype == np.float64
    assert first.waveforms["plus"].shape == (3, 16384)
    assert not set(first.parameters["ra"]) & set(second.parameters["ra"])
    assert names(tmp_path) == ["0.hdf5", "1.hdf5"]


@pytest.mark.slow
def test_validation_signals_of_two_branches_share_no_draw_and_a_branch_is_always_the_same(
    psd: str, tmp_path: Path
) -> None:
    paths = [tmp_path / "0.hdf5", tmp_path / "1.hdf5", tmp_path / "again.hdf5"]
    for path, seed in zip(paths, (1122, 1123, 1122), strict=True):
        assert script(*validation_line(4, seed, psd, str(path)), *INLINE) == 0
    first, second, again = (read_ledger(path, waveforms=("h1", "l1")) for path in paths)
    assert (first.parameters["snr"] >= 4).all()
    assert first.parameters["ifo_snrs"].shape == (4, 2)
    assert first.waveforms["h1"].dtype == np.float64
    assert list(first.attributes["ifos"]) == ["H1", "L1"]
    assert not set(first.parameters["ra"]) & set(second.parameters["ra"])
    np.testing.assert_array_equal(first.waveforms["l1"], again.waveforms["l1"])
    assert names(tmp_path) == ["0.hdf5", "1.hdf5", "again.hdf5"]


@pytest.mark.slow
def test_the_size_of_a_round_is_no_limit_on_all_draws(psd: str, tmp_path: Path) -> None:
    path = tmp_path / "val.hdf5"
    assert script(*validation_line(100, 1122, psd, str(path)), "--max_num_samples", "300", "--workers", "2") == 0
    found = read_ledger(path, waveforms=("h1", "l1"))
    assert len(found) == 100
    assert found.attributes["num_injections"] > 300  # type: ignore[operator]


def test_a_psd_of_another_df_is_refused(psd: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "psd.hdf5"
    densities = read_psd(Path(psd), 8.0)
    write_psd(other, {ifo: values[::2] for ifo, values in densities.items()}, 0.25)
    for line in (
        validation_line(4, 1, str(other), str(tmp_path / "val.hdf5")),
        BRANCH.line(str(other), str(tmp_path / "waveforms.hdf5"), str(tmp_path / "rejected_parameters.hdf5")),
    ):
        assert script(*line, *INLINE) == 2
        assert "df" in capsys.readouterr().err
    assert names(tmp_path) == ["psd.hdf5"]


# --- campaigns ----------------------------------------------------------------------------------------


def test_injections_lie_where_aframe_looks_for_them(branch: tuple[Path, Path]) -> None:
    found = read_ledger(branch[0], waveforms=("h1", "l1"))
    grid = BRANCH.times()
    assert len(found) == len(grid) == 4
    moved = found.parameters["injection_time"] - grid
    assert (np.abs(moved) <= BRANCH.jitter).all()
    assert len(set(moved)) == len(moved)
    np.testing.assert_array_equal(found.parameters["shift"], [BRANCH.shifts] * 4)
    chunk = BRANCH.start - 64.0, BRANCH.end + 1.0
    assert injections_within(branch[0], *chunk, list(BRANCH.shifts)).tolist() == [0, 1, 2, 3]
    assert names(branch[0].parent) == ["rejected_parameters.hdf5", "waveforms.hdf5"]


def test_rejected_draws_are_kept_beside_them(branch: tuple[Path, Path]) -> None:
    accepted, rejected = read_ledger(branch[0], waveforms=("h1", "l1")), read_ledger(branch[1])
    assert len(rejected) == accepted.attributes["num_injections"] - len(accepted)  # type: ignore[operator]
    assert set(BASE_PARAMETERS) | {"snr", "ifo_snrs"} <= set(rejected.parameters)
    assert list(rejected.attributes["ifos"]) == ["H1", "L1"]  # type: ignore[call-overload]


@pytest.mark.slow
@pytest.mark.parametrize("changes", [{"start": BRANCH.start + 0.5}, {"end": BRANCH.end + 1}, {"shifts": (0.0, 2.0)}])
def test_branches_of_one_seed_share_nothing(
    branch: tuple[Path, Path], psd: str, tmp_path: Path, changes: dict[str, object]
) -> None:
    changed = Branch(**{**vars(BRANCH), **changes})  # type: ignore[arg-type]
    other = campaign(changed, psd, tmp_path)
    for ours, theirs in zip(branch, other, strict=True):
        assert not set(read_ledger(ours).parameters["ra"]) & set(read_ledger(theirs).parameters["ra"])
    first, second = (read_ledger(path).parameters["injection_time"] for path in (branch[0], other[0]))
    assert not set(np.round(first - BRANCH.times(), 6)) & set(
        np.round(second - Branch(**{**vars(BRANCH), **changes}).times(), 6)
    )  # type: ignore[arg-type]


@pytest.mark.slow
def test_a_branch_is_the_same_whenever_it_is_made(branch: tuple[Path, Path], psd: str, tmp_path: Path) -> None:
    again = campaign(BRANCH, psd, tmp_path)
    for ours, theirs in zip(branch, again, strict=True):
        first, second = read_ledger(ours), read_ledger(theirs)
        for name, values in first.parameters.items():
            np.testing.assert_array_equal(values, second.parameters[name])


def test_shifts_that_are_not_one_for_each_interferometer_are_refused(
    psd: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = Branch(BRANCH.start, BRANCH.end, shifts=(0.0, 1.0, 2.0)).line(psd, str(tmp_path / "a"), str(tmp_path / "b"))
    assert script(*line, *INLINE) == 2
    assert "must be 2 numbers, one for each of H1, L1" in capsys.readouterr().err
    assert names(tmp_path) == []


def test_a_branch_has_no_options_of_a_whole_campaign(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = BRANCH.line("psd.hdf5", str(tmp_path / "a"), str(tmp_path / "b"))
    for option in ("--background", "--num_signals", "--livetime", "--branches", "--grid", "--psd_length"):
        assert script(*line, option, "1") == 2
        assert f"No such option '{option.replace('_', '-')}'" in capsys.readouterr().err


# --- what a workflow does besides ------------------------------------------------------------------------


def test_what_is_there_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "training.hdf5"
    path.touch()
    assert script(*training_line(2, str(path)), *INLINE) == 0
    assert len(read_ledger(path, waveforms=("cross", "plus"))) == 2


def test_the_scripts_are_installed_under_aframes_names() -> None:
    for name in (
        "generate-segments",
        "fetch-data",
        "generate-training-waveforms",
        "generate-validation-waveforms",
        "generate-testing-waveforms",
    ):
        found = shutil.which(name, path=str(Path(sys.executable).parent))
        assert found, name
        assert callable(getattr(scripts, name.replace("-", "_")))
