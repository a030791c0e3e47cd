"""Background files that a campaign cannot use are told in one line, before any signal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from background_runs import QUIET, SECOND, campaign, white
from burst_runs import RATE

from aframe_data.errors import DataQualityError, UsageError
from psd_strain import START, noise, write_strain

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("bursts")


def refused(folder: Path, background: Any, error: type[Exception], words: str, **changes: Any) -> None:
    """One line, and nothing written."""
    with pytest.raises(error, match=words) as told:
        campaign(folder / "out", background, **changes)
    assert "\n" not in str(told.value)
    assert not (folder / "out" / "waveforms.hdf5").exists()


def test_folders_without_background_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    refused(tmp_path, tmp_path / "none", UsageError, "does not exist")
    refused(tmp_path, tmp_path / "empty", UsageError, r"no \.hdf5 file")
    refused(tmp_path, [tmp_path / "none.hdf5"], UsageError, r"no background in .*none\.hdf5")
    refused(tmp_path, [], UsageError, "background")


def test_a_file_without_an_interferometer_is_refused(tmp_path: Path) -> None:
    path = white(tmp_path / "background", START)
    refused(tmp_path, path.parent, UsageError, r"has H1, L1, and no V1", ifos=["H1", "V1"])


def test_a_file_of_a_lower_rate_is_refused(tmp_path: Path) -> None:
    path = white(tmp_path / "background", START, rate=256)
    refused(tmp_path, path.parent, UsageError, rf"{path.name}.* has 256 Hz, below the sample_rate of 512 Hz")


def test_files_that_overlap_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "background"
    first, _ = white(folder, START), white(folder, START + 60)
    refused(tmp_path, folder, UsageError, "overlap")
    refused(tmp_path, [first, white(folder, SECOND), first], UsageError, "overlap")


@pytest.mark.parametrize(
    ("content", "error"),
    [(b"", UsageError), (b"no HDF5", UsageError), (b"\x89HDF\r\n\x1a\n cut off", DataQualityError)],
)
def test_a_file_that_is_no_background_is_told(tmp_path: Path, content: bytes, error: type[Exception]) -> None:
    folder = tmp_path / "background"
    white(folder, START)
    (folder / "notes.hdf5").write_bytes(content)
    refused(tmp_path, folder, error, r"notes\.hdf5")


def test_a_ledger_among_the_background_is_told(reference: Path, tmp_path: Path) -> None:
    folder = tmp_path / "background"
    white(folder, START)
    (folder / "waveforms.hdf5").write_bytes((reference / "val.hdf5").read_bytes())
    refused(tmp_path, folder, UsageError, r"waveforms\.hdf5. is a ledger file .*; a background file, .* is needed")


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_sample_that_is_not_finite_is_told_with_its_file_before_the_signals(tmp_path: Path, bad: float) -> None:
    """Trap 4: in the second file, while the first is sound."""
    folder = tmp_path / "background"
    white(folder, START)
    strain = {ifo: noise(64, rate=RATE, level=QUIET) for ifo in ("H1", "L1")}
    strain["L1"][20_000] = bad
    path = write_strain(folder, strain, rate=RATE, start=SECOND)
    refused(tmp_path, folder, DataQualityError, rf"{path.name}.*(finite|NaN)")
    assert not list(tmp_path.glob("out/*/accepted-*"))


def test_a_silent_detector_is_told(tmp_path: Path) -> None:
    strain = {"H1": noise(64, rate=RATE, level=QUIET), "L1": np.zeros(64 * RATE)}
    path = write_strain(tmp_path / "background", strain, rate=RATE)
    refused(tmp_path, path.parent, (DataQualityError, UsageError), rf"{path.name}.* L1|L1.*{path.name}")
