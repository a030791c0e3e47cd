"""Parts of a ledger: parameters at even steps, and single signals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from aframe_data.errors import DataQualityError
from aframe_data.formats import ledger, ledger_arrays
from aframe_data.formats.ledger_samples import read_row, sample_parameters

if TYPE_CHECKING:
    from pathlib import Path

LENGTH = 1000


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ledger whose parameters are the numbers of their rows, read in blocks of 64 rows."""
    monkeypatch.setattr(ledger_arrays, "_BLOCK_BYTES", 1)
    path = tmp_path / "waveforms.hdf5"
    rows = np.arange(float(LENGTH))
    layout = ledger.Layout(LENGTH, {}, {"mass_1": (), "ifo_snrs": (2,)}, {"h1": 4})
    with ledger.create(path, layout) as writer:
        waveforms = {"h1": np.outer(rows, np.ones(4))}
        writer.append({"mass_1": rows, "ifo_snrs": np.stack([rows, -rows], axis=1)}, waveforms)
        writer.finish({})
    return path


@pytest.mark.parametrize("most", [1, 2, 7, 300, 999, 1000, 5000])
def test_rows_are_taken_at_even_steps_whatever_the_blocks_are(path: Path, most: int) -> None:
    found = sample_parameters(path, most)
    step = -(-LENGTH // most)
    assert found["mass_1"].tolist() == list(range(0, LENGTH, step))
    assert len(found["mass_1"]) <= most
    assert np.array_equal(found["ifo_snrs"][:, 1], -found["mass_1"])


def test_names_that_are_not_there_are_left_out(path: Path) -> None:
    assert list(sample_parameters(path, 10, ("mass_1", "snr"))) == ["mass_1"]


def test_one_row_is_read(path: Path) -> None:
    parameters, waveforms = read_row(path, 321)
    assert (float(parameters["mass_1"]), parameters["ifo_snrs"].tolist()) == (321, [321, -321])
    assert waveforms["h1"].tolist() == [321] * 4


def test_what_is_no_ledger_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.hdf5").write_bytes(b"nothing")
    for read in (lambda path: sample_parameters(path, 10), lambda path: read_row(path, 0)):
        with pytest.raises(DataQualityError, match="cannot be read as a ledger file"):
            read(tmp_path / "a.hdf5")
