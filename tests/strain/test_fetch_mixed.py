"""Channels of different archives in one fetch: each goes to the sources that accept it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

from aframe_data.errors import UsageError
from aframe_data.work.carry_out import do
from strain.background_files import expected, read, record
from strain.fetching import asked, fetch, foresee

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.requests.fetch import Fetch

START = 1_240_580_096

pytestmark = pytest.mark.usefixtures("awkward")


def request(folder: Path, **changes: Any) -> Fetch:
    arguments = {"channels": ["L1:CALIB_STRAIN", "H1"], "source": ["open", "awkward"], **changes}
    return asked(folder, **arguments, start=START + 10, end=START + 1100)


def test_each_channel_goes_to_the_sources_that_accept_it(folder: Path) -> None:
    wanted_channels = request(folder).planned().wanted
    assert {wanted.channel: [choice.key for choice in wanted.choices] for wanted in wanted_channels} == {
        "H1": ["open", "awkward"],
        "L1:CALIB_STRAIN": ["awkward"],
    }
    (file,) = fetch(request(folder)).files
    path, span = file.path, file.span
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
    fetch(request(folder))
    assert foresee(request(folder)).nbytes == 0


def test_sources_with_files_of_different_length_go_together(folder: Path) -> None:
    """'open' has files of 4096 s and 'awkward' of 1024 s; the blocks of each channel are those of its source."""
    (output,) = request(folder).planned().outputs
    assert [(part.wanted.ifo, part.span.duration) for part in output.parts] == [("H1", 1090), ("L1", 1014), ("L1", 76)]


def test_a_channel_that_no_named_source_accepts_is_told(folder: Path) -> None:
    with pytest.raises(UsageError, match="strain fetcher 'open' does not accept 'L1:CALIB_STRAIN'"):
        do(request(folder, source="open"))


def test_two_channels_of_one_interferometer_are_refused(folder: Path) -> None:
    with pytest.raises(UsageError, match="both of H1: a file holds one for each"):
        do(request(folder, channels=["H1", "H1:CALIB_STRAIN"]))
