"""Channels of different archives in one fetch: each goes to the sources that accept it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

from aframe_data.errors import UsageError
from aframe_data.strain.fetch import plan_fetch
from aframe_data.strain.run import run_fetch
from strain.background_files import expected, read, record
from strain.in_process import fetch_here

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.strain.tasks import FetchPlan

START = 1_240_580_096

pytestmark = pytest.mark.usefixtures("awkward")


def plan(folder: Path, **changes: Any) -> FetchPlan:
    arguments = {"channels": ["L1:CALIB_STRAIN", "H1"], "sample_rate": 128, "source": ["open", "awkward"], **changes}
    return plan_fetch(**arguments, start=START + 10, end=START + 1100, output_directory=folder)


def test_each_channel_goes_to_the_sources_that_accept_it(folder: Path) -> None:
    made = plan(folder)
    assert {wanted.channel: [choice.key for choice in wanted.choices] for wanted in made.tasks[0].wanted} == {
        "H1": ["open", "awkward"],
        "L1:CALIB_STRAIN": ["awkward"],
    }
    ((path, span),) = fetch_here(made)[0].files
    told = record(path)["strain"]
    assert {ifo: {piece["source"] for piece in told[ifo]["pieces"]} for ifo in told} == {
        "H1": {"open"},
        "L1": {"awkward"},
    }
    with h5py.File(path) as file:
        assert sorted(name for name in file if name != "provenance") == ["H1", "L1"]
        assert file["L1"].attrs["channel"] == "L1:CALIB_STRAIN"
    for ifo in ("H1", "L1"):
        np.testing.assert_array_equal(read(path, ifo), expected(ifo, int(span.start), int(span.stop), 256, 128))


def test_the_files_are_known_again(folder: Path) -> None:
    run_fetch(plan(folder)).raise_for_failures()
    assert plan(folder).nbytes == 0


def test_sources_with_files_of_different_length_go_together(folder: Path) -> None:
    """'open' has files of 4096 s and 'awkward' of 1024 s; the blocks of each channel are those of its source."""
    made = plan(folder)
    spans = {
        wanted.ifo: [part.span.duration for part in parts] for wanted, parts in made.tasks[0].parts(folder).items()
    }
    assert spans == {"H1": [1090], "L1": [1014, 76]}


def test_a_channel_that_no_named_source_accepts_is_told(folder: Path) -> None:
    with pytest.raises(UsageError, match="strain fetcher 'open' does not accept 'L1:CALIB_STRAIN'"):
        plan(folder, source="open")


def test_two_channels_of_one_interferometer_are_refused(folder: Path) -> None:
    with pytest.raises(UsageError, match="both of H1: a file holds one for each"):
        plan(folder, channels=["H1", "H1:CALIB_STRAIN"])
