"""Bits that a fetch requires: seconds without them are gaps like others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from aframe_data.errors import DataQualityError, UsageError
from aframe_data.types import Segment
from aframe_data.work.carry_out import do
from strain.background_files import expected, read
from strain.fetching import spans
from strain.gap_fetches import SPAN, START, fetched, files, request

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("awkward")


class TestBits:
    def test_seconds_without_a_required_bit_are_cut(self, folder: Path) -> None:
        options = {"bits": ("DATA", "CAT1"), "bit_off": f"1:{START + 500}:{START + 510}"}
        report = fetched(folder, require_bits=["CAT1"], source_options=options)
        assert spans(report) == [
            Segment(SPAN.start, START + 500),
            Segment(START + 510, SPAN.stop),
        ]
        assert {flaw.reason for flaw in report.cut["H1"]} == {"with bit CAT1 off"}
        for path, span in files(report):  # there is data in the cut, and the filter saw it
            np.testing.assert_array_equal(read(path), expected("H1", int(span.start), int(span.stop), 256, 128))

    @pytest.mark.parametrize(("gaps", "status"), [("split", "empty"), ("fill", "fetched")])
    def test_where_nothing_is_no_bit_is_asked_for(self, folder: Path, gaps: str, status: str) -> None:
        nowhere = {"there": f"{START - 90}:{START - 50}"}
        both = {"require_bits": ["DATA"], "exclude_hardware_injections": True}
        report = do(request(folder, gaps=gaps, source_options=nowhere, **both))
        assert [file.status for file in report.files] == [status]

    def test_an_unknown_bit_ends_the_run_as_a_wrong_argument(self, folder: Path) -> None:
        with pytest.raises(UsageError, match=r"unknown bit of H1 'DATUM'\. Did you mean 'DATA'"):
            do(request(folder, require_bits=["DATUM"]))

    def test_an_archive_without_masks_cannot_be_asked_for_bits(self, folder: Path) -> None:
        with pytest.raises(DataQualityError, match="no masks for H1, but bit 'DATA' is required"):
            fetched(folder, require_bits=["DATA"], source_options={"bits": ()})
