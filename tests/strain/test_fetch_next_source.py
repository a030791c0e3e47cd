"""Several sources of one channel: the next one gives what the first has not, or not sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from aframe_data.errors import SourceError
from aframe_data.types import Segment
from strain.background_files import expected, read, record
from strain.fetching import spans
from strain.gap_fetches import NAN, SPAN, START, fetched

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("awkward")


class TestNextSource:
    def test_it_gives_the_seconds_that_are_not_finite_in_the_first(self, folder: Path) -> None:
        options = {"awkward-nan": NAN}
        report = fetched(folder, gaps="fail", source=["awkward", "second"], source_options=options)
        (path,) = [file.path for file in report.files]
        np.testing.assert_array_equal(read(path), expected("H1", SPAN.start, SPAN.stop, 256, 128))
        told = [(each["source"], each["start"], each["stop"]) for each in record(path)["strain"]["H1"]["pieces"]]
        assert told == [
            ("awkward", SPAN.start, START + 700),
            ("second", START + 700, START + 703),
            ("awkward", START + 703, SPAN.stop),
        ]

    def test_it_gives_what_the_first_has_not_of_a_single_read(self, folder: Path) -> None:
        options = {"awkward-there": f"{START + 300}:{START + 310}"}
        report = fetched(folder, gaps="fail", source=["awkward", "second"], source_options=options)
        told = [each["source"] for each in record(report.files[0].path)["strain"]["H1"]["pieces"]]
        assert told == ["second", "awkward", "second"]

    def test_it_is_asked_for_all_that_it_says_it_has_even_where_a_part_of_that_is_wrong(self, folder: Path) -> None:
        options = {
            "there": f"{START + 100}:{START + 200}",
            "claims": f"{START - 5.5}:{START + 20.2},{START + 15}:{START + 40},{START + 100}:{START + 200}",
        }
        report = fetched(folder, end=START + 256, source_options=options)
        assert spans(report) == [Segment(START + 100, START + 200)]

    def test_one_that_is_busy_for_one_of_two_gaps_makes_no_gap(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """For the other one it has no data, which is no answer for both."""
        monkeypatch.setattr("aframe_data.retries.ATTEMPTS", 1)
        options = {
            "awkward-there": f"{START + 100}:{START + 200}",
            "second-there": f"{START + 300}:{START + 400}",
            "second-busy": f"{START + 230}:{START + 231}",
        }
        with pytest.raises(SourceError, match=r"second: awkward is busy"):
            fetched(folder, end=START + 256, source=["awkward", "second"], source_options=options)

    def test_what_none_has_is_a_gap(self, folder: Path) -> None:
        options = {"awkward-nan": NAN, "second-nan": f"{START + 701}:{START + 800}"}
        report = fetched(folder, source=["awkward", "second"], source_options=options)
        assert [span.stop for span in spans(report)] == [START + 701, SPAN.stop]
        assert spans(report)[1].start == START + 703
