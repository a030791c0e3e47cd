"""Frames by way of the real GWDataFind server: types, files, gaps, and a server that is not there."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from aframe_data.errors import NoDataError, SourceError, TransientError, UsageError
from aframe_data.types import Segment, StrainRequest, StrainSeries
from aframe_data_plugins.datafind.options import DatafindOptions
from servers.frames import samples, write_frames
from servers.web import WebServer

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data_plugins.datafind.strain import DatafindStrain
    from servers.datafind import DatafindServer

START = 1_000_000_000
CHANNEL = "H1:GDS-CALIB_STRAIN"


def fetcher(host: str, **options: Any) -> DatafindStrain:
    from aframe_data_plugins.datafind.strain import DatafindStrain

    return DatafindStrain(DatafindOptions(host=host, timeout=options.pop("timeout", 10), **options))


def ask(
    host: str, start: int, stop: int, *, channel: str = CHANNEL, sample_rate: float = 64, **options: Any
) -> StrainSeries:
    return fetcher(host, **options).fetch(StrainRequest((channel,), start, stop, sample_rate))[channel]


class TestSamples:
    def test_a_span_over_several_files_is_joined_and_tells_of_each(self, server: DatafindServer, frames: Path) -> None:
        series = ask(server.url, START + 3, START + 29)
        np.testing.assert_array_equal(series.data, samples(START + 3, START + 29))
        assert [(piece.start - START, piece.stop - START, piece.origin) for piece in series.pieces] == [
            (3, 16, f"file://localhost{frames}/H-H1_HOFT_C00-1000000000-16.gwf"),
            (16, 29, f"file://localhost{frames}/H-H1_HOFT_C00-1000000016-16.gwf"),
        ]

    def test_the_server_is_asked_once_for_parts_of_a_block(self, server: DatafindServer) -> None:
        strain = fetcher(server.url)
        server.asked.clear()
        for start in range(START, START + 32, 4):
            strain.fetch(StrainRequest((CHANNEL,), start, start + 4, 64))
        assert len(server.asked) == 2, server.asked  # the types, the URLs


class TestFrameTypes:
    def test_a_type_may_be_given_for_all_or_for_one(self, server: DatafindServer) -> None:
        for given in (("H1_HOFT_C00",), ("H1=H1_HOFT_C00", "V1=V1Online")):
            assert ask(server.url, START, START + 16, frametype=given).data.size == 16 * 256

    def test_an_unknown_type_is_told_with_near_names(self, server: DatafindServer) -> None:
        with pytest.raises(
            UsageError,
            match=r"unknown frame type of http://127\.0\.0\.1:\d+ for site H 'H1_HOFT_C0'\. Did you mean 'H1_HOFT_C00'",
        ):
            ask(server.url, START, START + 16, frametype=("H1_HOFT_C0",))

    def test_a_channel_without_a_type_is_told_with_what_there_is(self, server: DatafindServer) -> None:
        with pytest.raises(
            UsageError,
            match=r"type of H1:MINE cannot be guessed: its name does not tell\. Give --datafind-frametype H1=TYPE; "
            r"http://.* has of site H: H1_HOFT_C00\.",
        ):
            ask(server.url, START, START + 16, channel="H1:MINE")

    def test_a_guess_that_the_server_does_not_have_is_told(self, server: DatafindServer) -> None:
        with pytest.raises(UsageError, match=r"it would be H1_HOFT_C01, which the server does not have"):
            ask(server.url, START, START + 16, channel="H1:DCS-CALIB_STRAIN_C01")

    def test_a_site_that_the_server_does_not_know_is_told(self, server: DatafindServer) -> None:
        with pytest.raises(UsageError, match=r"has of site G: nothing"):
            ask(server.url, START, START + 16, channel="G1:GDS-CALIB_STRAIN")

    def test_two_types_with_the_same_time_must_be_chosen_from(self, server: DatafindServer) -> None:
        channel = "V1:Hrec_hoft_16384Hz"
        with pytest.raises(
            UsageError, match=r"HoftOnline and V1Online, which both have .*--datafind-frametype V1=HoftOnline"
        ):
            ask(server.url, START, START + 16, channel=channel)
        assert (
            "V1Online" in ask(server.url, START, START + 16, channel=channel, frametype=("V1Online",)).pieces[0].origin
        )

    def test_of_two_types_the_one_with_the_time_is_taken(self, server: DatafindServer) -> None:
        for start, run in ((START, "O1"), (START + 40, "O2")):
            series = ask(server.url, start, start + 8, channel="K1:GWOSC-4KHZ_R1_STRAIN")
            assert f"K1_GWOSC_{run}_4KHZ" in series.pieces[0].origin


class TestGaps:
    def test_what_is_missing_is_told_with_what_is_there(self, server: DatafindServer) -> None:
        with pytest.raises(
            NoDataError,
            match=r"has no frames H1_HOFT_C00 with H1:GDS-CALIB_STRAIN in \[1000000032, 1000000048\); near it there is "
            r"\[1000000000, 1000000032\), \[1000000048, 1000000064\)\.",
        ) as caught:
            ask(server.url, START + 20, START + 60)
        assert caught.value.available == (Segment(START + 20, START + 32), Segment(START + 48, START + 60))

    def test_seconds_that_a_file_leaves_out_are_a_gap(self, server: DatafindServer) -> None:
        with pytest.raises(NoDataError, match=r"in \[1000000032, 1000000048\)") as caught:
            ask(server.url, START, START + 64, channel="L1:GDS-CALIB_STRAIN")
        assert caught.value.available == (Segment(START, START + 32), Segment(START + 48, START + 64))

    def test_a_time_without_anything_near_is_told(self, server: DatafindServer) -> None:
        with pytest.raises(NoDataError, match="near it there is nothing within a day"):
            ask(server.url, START + 10_000_000, START + 10_000_010)


class TestRefusals:
    def test_a_channel_that_the_frames_lack_is_told_with_near_names(self, server: DatafindServer) -> None:
        with pytest.raises(
            UsageError,
            match=r"unknown channel of H-H1_HOFT_C00-1000000000-16\.gwf 'H1:GDS-CALIB_STRAIN_CLEAN'.*Known: H1:GDS",
        ):
            ask(server.url, START, START + 16, channel="H1:GDS-CALIB_STRAIN_CLEAN")

    def test_nothing_is_upsampled(self, server: DatafindServer) -> None:
        with pytest.raises(UsageError, match="--sample-rate: 512 Hz is more than the 256 Hz"):
            ask(server.url, START, START + 16, sample_rate=512)

    @pytest.mark.parametrize("host", ["ftp://datafind.example.org", "http://", "https://host:port", "://x"])
    def test_a_host_that_is_none_is_refused_at_once(self, host: str) -> None:
        with pytest.raises(UsageError, match=r"--datafind-host: '.*' is not a server"):
            fetcher(host)

    def test_a_director_that_is_none_is_refused_at_once(self) -> None:
        with pytest.raises(UsageError, match="--datafind-director: 'osdf' is not a server"):
            fetcher("datafind.example.org", director="osdf")

    @pytest.mark.parametrize("given", [("H1=A", "H1=B"), ("A", "B")])
    def test_two_types_for_one_interferometer_are_refused_at_once(self, given: tuple[str, ...]) -> None:
        with pytest.raises(UsageError, match="--datafind-frametype: two types for"):
            fetcher("datafind.example.org", frametype=given)

    def test_a_type_for_no_interferometer_is_refused_at_once(self) -> None:
        with pytest.raises(UsageError, match=r"'Hanford=A' must read IFO=TYPE"):
            fetcher("datafind.example.org", frametype=("Hanford=A",))

    def test_nobody_there_names_the_host(self) -> None:
        with socket.socket() as taken:  # bound and never listening: nobody else gets the port
            taken.bind(("127.0.0.1", 0))
            host = f"http://127.0.0.1:{taken.getsockname()[1]}"
            with pytest.raises(TransientError, match=rf"the connection to {host} failed: .*refused.*--datafind-host"):
                ask(host, START, START + 16)

    def test_a_busy_server_is_asked_again_by_the_core(self, tmp_path: Path) -> None:
        with WebServer(tmp_path) as busy:
            busy.statuses = [503]
            with pytest.raises(TransientError, match="answers 503"):
                ask(busy.url, START, START + 16)
            assert len(busy.asked) == 1

    def test_another_kind_of_server_is_told(self, tmp_path: Path) -> None:
        page = tmp_path / "api" / "v1" / "gwf" / "H.json"
        page.parent.mkdir(parents=True)
        page.write_text("<html>Welcome</html>")
        with WebServer(tmp_path) as other, pytest.raises(SourceError, match="not as a GWDataFind server does"):
            ask(other.url, START, START + 16)

    def test_a_damaged_local_file_is_named_and_not_asked_for_again(self, tmp_path: Path) -> None:
        from servers.datafind import DatafindServer, list_frames

        path = write_frames(tmp_path, CHANNEL, START, 16, tag="H1_HOFT_C00")
        list_frames(tmp_path, [path])
        with DatafindServer(tmp_path) as server:
            path.write_bytes(path.read_bytes()[:-100])
            with pytest.raises(SourceError, match=rf"{path} is damaged: it is cut") as caught:
                ask(server.url, START, START + 16)
            assert not isinstance(caught.value, TransientError)
            path.unlink()
            with pytest.raises(SourceError, match=rf"{path} cannot be read: No such file"):
                ask(server.url, START, START + 16)
