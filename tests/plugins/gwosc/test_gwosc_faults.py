"""A GWOSC server that is busy, breaks off, stalls, sends rubbish or is not there."""

from __future__ import annotations

import resource
import socket
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

from aframe_data.errors import AframeDataError, NoDataError, SourceError, TransientError
from aframe_data.types import SegmentQuery
from aframe_data_plugins.gwosc.options import GwoscOptions
from aframe_data_plugins.gwosc.segments import GwoscSegments
from servers.gwosc import Fault, GwoscServer
from servers.gwosc_clients import FILE, START, add_three_files, request, segments_of, strain_of
from servers.gwosc_files import synthetic_strain, write_strain_file

if TYPE_CHECKING:
    from pathlib import Path

    from servers.gwosc_archive import GwoscArchive


class TestFaults:
    @pytest.fixture(autouse=True)
    def _files(self, archive: GwoscArchive, tmp_path: Path) -> None:
        add_three_files(archive, tmp_path)
        archive.flags["H1_DATA"] = [(START, START + 100)]

    @pytest.mark.parametrize(
        "fault",
        [
            Fault(r"\.hdf5$", cut_after=10_000),
            Fault(r"\.hdf5$", cut_after=0),
            Fault(r"\.hdf5$", claim=1),
            Fault(r"\.hdf5$", drop=1000),
            *(Fault(r"\.hdf5$", status=status) for status in (500, 501, 502, 503, 504)),
            Fault(r"\.hdf5$", status=429, retry_after="7"),
        ],
        ids=lambda fault: repr(fault).split(", ", 1)[1],
    )
    def test_a_file_that_does_not_arrive_whole_can_be_asked_for_again(self, server: GwoscServer, fault: Fault) -> None:
        server.fail(fault)
        fetcher = strain_of(server)
        with pytest.raises(TransientError, match=r"127\.0\.0\.1:\d+") as caught:
            fetcher.fetch(request(START, START + 2 * FILE))
        assert caught.value.retry_after == (7.0 if fault.retry_after else None)
        assert len(server.asked(r"\.hdf5$")) == 1  # the core repeats, with its own pauses
        data = fetcher.fetch(request(START, START + 2 * FILE))["H1"].data
        np.testing.assert_array_equal(data, synthetic_strain("H1", START, START + 2 * FILE))

    def test_a_date_to_wait_for_is_understood(self, server: GwoscServer) -> None:
        server.fail(Fault(r"\.hdf5$", status=503, retry_after="Fri, 31 Dec 2123 23:59:59 GMT"))
        with pytest.raises(TransientError) as caught:
            strain_of(server).fetch(request(START, START + FILE))
        assert caught.value.retry_after is not None
        assert caught.value.retry_after > 86_400

    def test_a_server_that_stops_answering_is_left(self, server: GwoscServer) -> None:
        server.fail(Fault(r"\.hdf5$", delay=60))
        with pytest.raises(TransientError, match=r"did not answer within 0\.3 s"):
            strain_of(server, timeout=0.3).fetch(request(START, START + FILE))

    @pytest.mark.parametrize("already", [0, 10_000])
    def test_a_server_that_stops_in_the_middle_of_a_file_is_left(self, server: GwoscServer, already: int) -> None:
        server.fail(Fault(r"\.hdf5$", stall_after=already))
        fetcher = strain_of(server, timeout=0.3)
        with pytest.raises(TransientError, match=r"sent nothing for 0\.3 s in the middle of http.*\.hdf5"):
            fetcher.fetch(request(START, START + FILE))
        assert len(fetcher.fetch(request(START, START + 1))["H1"].data) == 4096

    @pytest.mark.parametrize("list_of", ["timelines", "strain-files", "runs"])
    @pytest.mark.parametrize(
        "fault", [{"status": 503, "retry_after": "7"}, {"delay": 60}, {"stall_after": 10}], ids=str
    )
    def test_a_list_is_asked_for_once_and_left_to_the_patience_of_the_core(
        self, server: GwoscServer, list_of: str, fault: dict[str, Any]
    ) -> None:
        server.fail(Fault(list_of, **fault))
        ask = (
            (lambda: segments_of(server, timeout=0.3).query(SegmentQuery("H1_DATA", START, START + 10)))
            if list_of == "timelines"
            else (lambda: strain_of(server, timeout=0.3).fetch(request(START, START + 1)))
        )
        with pytest.raises(TransientError, match=r"http://127\.0\.0\.1:\d+ ") as caught:
            ask()
        assert caught.value.retry_after == (7.0 if "status" in fault else None)
        assert len(server.asked(list_of)) == 1
        ask()

    @pytest.mark.parametrize(
        ("word", "seconds"),
        [
            *(("-5", None), ("²", None), ("soon", None), ("", None), ("1e3", None), ("9" * 400, 1e9), ("12", 12.0)),
            *(("Fri, 31 Dec 99999 23:59:59 GMT", None), ("Fri, 31 Dec 1999 23:59:59 GMT", 0.0)),
        ],
    )
    def test_a_time_to_wait_is_what_the_standard_says_or_nothing(
        self, server: GwoscServer, word: str, seconds: float | None
    ) -> None:
        server.fail(Fault("timelines", status=503, retry_after=word))
        with pytest.raises(TransientError) as caught:
            segments_of(server).query(SegmentQuery("H1_DATA", START, START + 10))
        assert caught.value.retry_after == seconds

    def test_a_refusal_is_not_transient(self, server: GwoscServer) -> None:
        server.fail(Fault("timelines", status=403))
        with pytest.raises(SourceError, match="403") as caught:
            segments_of(server).query(SegmentQuery("H1_DATA", START, START + 10))
        assert not isinstance(caught.value, (TransientError, NoDataError))

    def test_a_damaged_file_is_not_taken_for_strain(
        self, archive: GwoscArchive, server: GwoscServer, tmp_path: Path
    ) -> None:
        path = archive.files[0].path
        path.write_bytes(b"<html>Sorry, we are closed for maintenance.</html>")
        with pytest.raises(TransientError, match="arrived damaged"):
            strain_of(server).fetch(request(START, START + FILE))
        write_strain_file(tmp_path, "H1", START, FILE)
        with h5py.File(path, "r+") as file:
            file["strain/Strain"].attrs["Xstart"] = START - 1
        with pytest.raises(TransientError, match=rf"arrived damaged: its start is {START - 1}"):
            strain_of(server).fetch(request(START, START + FILE))

    def test_a_full_disk_is_told_from_a_broken_line(self, server: GwoscServer, downloads: Path) -> None:
        """No file of this process may grow beyond 100 kB: the system refuses the write as a full disk does."""
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
        try:
            with pytest.raises(
                AframeDataError, match=rf"cannot write {downloads}/.*\.hdf5: File too large\."
            ) as caught:
                strain_of(server).fetch(request(START, START + FILE))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert not isinstance(caught.value, SourceError)
        assert list(downloads.iterdir()) == []

    def test_nobody_there_names_the_host(self) -> None:
        with socket.socket() as taken:  # bound and never listening: nobody else gets the port
            taken.bind(("127.0.0.1", 0))
            host = f"http://127.0.0.1:{taken.getsockname()[1]}"
            with pytest.raises(TransientError, match=rf"the connection to {host} failed: .*refused\..*--gwosc-host"):
                GwoscSegments(GwoscOptions(host=host)).query(SegmentQuery("H1_DATA", START, START + 10))

    def test_a_name_that_nobody_knows_names_the_host(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The resolver is the system's, and its answer is all that is made up here."""

        def unknown(*_: object, **__: object) -> None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", unknown)
        with pytest.raises(TransientError, match=r"archive\.example failed: .*not known.*--gwosc-host") as caught:
            GwoscSegments(GwoscOptions(host="http://archive.example")).query(SegmentQuery("H1_DATA", START, START + 10))
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize("body", [b"<html>Welcome</html>", b"[]", b"{}", b'{"num_pages": 1, "results": [3]}'])
    def test_another_kind_of_server_is_told_from_gwosc(self, server: GwoscServer, body: bytes) -> None:
        server.fail(Fault("runs", body=body))
        with pytest.raises(SourceError, match="not as a GWOSC server does: check --gwosc-host"):
            segments_of(server).query(SegmentQuery("H1_DATA", START, START + 10))
