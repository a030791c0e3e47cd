"""Open data's segments and events, from a server on loopback, with the unmodified client in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aframe_data.errors import NoDataError, UsageError
from aframe_data.types import CatalogEvent, Segment, SegmentQuery
from servers.gwosc_archive import Event, GwoscArchive
from servers.gwosc_clients import START, segments_of

if TYPE_CHECKING:
    from servers.gwosc import GwoscServer

README_WINDOW = (1240579783, 1241443783)


class TestSegments:
    def test_segments_are_clipped_to_the_query_and_touching_ones_joined(
        self, archive: GwoscArchive, server: GwoscServer
    ) -> None:
        archive.flags["H1_DATA"] = [
            (START - 50, START + 10),
            (START + 10, START + 20),
            (START + 30, START + 99),
        ]
        result = segments_of(server).query(SegmentQuery("H1_DATA", START, START + 40.5))
        assert result.active == (Segment(START, START + 20), Segment(START + 30, START + 40.5))
        assert result.known == (Segment(START, START + 40.5),)
        assert result.origin.startswith(f"{server.url}/api/v2/timelines/H1_DATA/segments?")

    def test_all_pages_are_read(self, archive: GwoscArchive, server: GwoscServer) -> None:
        archive.flags["H1_DATA"] = [(START + 10 * k, START + 10 * k + 5) for k in range(7)]
        result = segments_of(server).query(SegmentQuery("H1_DATA", START, START + 100))
        assert len(result.active) == 7
        assert len(server.asked("timelines/H1_DATA")) == 4  # pages of two

    def test_a_query_across_runs_knows_only_the_runs(self, archive: GwoscArchive, server: GwoscServer) -> None:
        o3a_end, o3b_start = 1253977218, 1256655618
        archive.flags["H1_DATA"] = [(o3a_end - 100, o3a_end), (o3b_start + 10, o3b_start + 50)]
        result = segments_of(server).query(SegmentQuery("H1_DATA", o3a_end - 200, o3b_start + 200))
        assert result.active == (Segment(o3a_end - 100, o3a_end), Segment(o3b_start + 10, o3b_start + 50))
        assert result.known == (Segment(o3a_end - 200, o3a_end), Segment(o3b_start, o3b_start + 200))

    def test_no_science_time_is_an_empty_answer(self, archive: GwoscArchive, server: GwoscServer) -> None:
        archive.flags["H1_DATA"] = [(START, START + 100)]
        result = segments_of(server).query(SegmentQuery("H1_DATA", START + 200, START + 300))
        assert result.active == ()
        assert result.known == (Segment(START + 200, START + 300),)

    def test_no_run_is_an_error_that_names_the_nearest(self, archive: GwoscArchive, server: GwoscServer) -> None:
        archive.flags["H1_DATA"] = []
        with pytest.raises(NoDataError, match=r"no observing run then; the nearest: O3a .*, O3b ") as caught:
            segments_of(server).query(SegmentQuery("H1_DATA", 1255000000, 1255000100))
        assert caught.value.available == (Segment(1238166018, 1253977218), Segment(1256655618, 1269363618))

    def test_a_run_without_the_detector_does_not_count(self, archive: GwoscArchive, server: GwoscServer) -> None:
        archive.flags["V1_DATA"] = []
        with pytest.raises(NoDataError, match=r"V1 was in no observing run then; the nearest: O2 "):
            segments_of(server).query(SegmentQuery("V1_DATA", 1130000000, 1130000100))

    @pytest.mark.parametrize("lists_flags", [True, False])
    def test_an_unknown_flag_gets_the_nearest_names(
        self, archive: GwoscArchive, server: GwoscServer, *, lists_flags: bool
    ) -> None:
        archive.flags |= {"H1_DATA": [], "H1_CBC_CAT1": [], "L1_DATA": []}
        archive.lists_flags = lists_flags
        with pytest.raises(UsageError, match=r"'H1_DTA'\. Did you mean 'H1_DATA'.* Known: .*H1_CBC_CAT1") as caught:
            segments_of(server).query(SegmentQuery("H1_DTA", START, START + 10))
        assert ("H1_NO_CW_HW_INJ" in str(caught.value)) is not lists_flags  # the server's own list, if it has one
        assert "L1_" not in str(caught.value).split("Known")[1]

    def test_a_flag_that_cannot_be_one_is_refused_without_asking(self, server: GwoscServer) -> None:
        with pytest.raises(UsageError, match=r"'h1_data'\. Did you mean 'H1_DATA'"):
            segments_of(server).query(SegmentQuery("h1_data", START, START + 10))
        assert server.asked() == []

    def test_the_windows_of_the_readme(self, real_server: GwoscServer) -> None:
        source = segments_of(real_server)
        spans = [
            {(int(a.start), int(a.stop)) for a in source.query(SegmentQuery(flag, *README_WINDOW)).active}
            for flag in ("H1_DATA", "L1_DATA")
        ]
        both = sorted((max(a, c), min(b, d)) for a, b in spans[0] for c, d in spans[1] if max(a, c) < min(b, d))
        assert len(both) == 39
        assert sum(b - a for a, b in both) == 488_609
        first_long = [(a, b) for a, b in both if b - a > 7000][:4]
        assert first_long == [
            (1240579783, 1240587612),
            (1240594562, 1240606748),
            (1240624412, 1240654372),
            (1240658942, 1240668052),
        ]


class TestEvents:
    def test_the_catalogue_in_the_readme_window(self, real_server: GwoscServer) -> None:
        assert segments_of(real_server).events(*README_WINDOW) == [CatalogEvent("GW190503_185404", 1240944862.2)]

    def test_the_newest_version_counts_and_the_span_is_half_open(
        self, archive: GwoscArchive, server: GwoscServer
    ) -> None:
        archive.events += [
            Event("late", START + 50.0),
            Event("early", START + 10.9, version=1),
            Event("early", START + 11.1, version=3),
            Event("early", START + 10.8, version=2),
            Event("at the end", START + 60.0),
            Event("moved out", START + 59.9, version=1),
            Event("moved out", START + 60.5, version=2),
        ]
        events = segments_of(server).events(START, START + 60.0)
        assert events == [CatalogEvent("early", START + 11.1), CatalogEvent("late", START + 50.0)]
