"""Strain from NDS2 servers, error by error, through each of the two clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from aframe_data.errors import AuthenticationError, NoDataError, SourceError, TransientError, UsageError
from aframe_data.types import Piece, Segment
from servers.nds2_archive import Nds2Archive, Nds2Channel
from servers.nds2_clients import CHANNEL, START, archive

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from servers.nds2_clients import Asked

    Ask = Callable[[Nds2Archive], AbstractContextManager[Asked]]

STOP = START + 10


class TestData:
    @pytest.mark.parametrize("data_type", ["real_4", "real_8", "int_4"])
    def test_samples_come_as_they_are_in_the_archive(self, ask: Ask, data_type: str) -> None:
        served = archive(data_type=data_type)
        with ask(served) as fetch:
            series = fetch(START, START + 100)
        np.testing.assert_array_equal(series.data, served.channels[0].samples(START, START + 100))
        assert series.data.dtype.kind == "f"
        assert (series.start, series.sample_rate, series.ifo, series.channel) == (START, 256, "H1", CHANNEL)

    def test_the_origin_says_server_channel_and_type(self, ask: Ask) -> None:
        with ask(archive()) as fetch:
            assert fetch().pieces == (Piece(START, STOP, f"nds2://{fetch.address}/{CHANNEL},raw"),)

    @pytest.mark.parametrize(("unit", "told"), [("strain", "strain"), ("undef", "strain"), ("ct", "ct")])
    def test_a_unit_that_the_server_knows_is_kept(self, ask: Ask, unit: str, told: str) -> None:
        with ask(archive(unit=unit)) as fetch:
            assert fetch().unit == told

    @pytest.mark.parametrize(("channel", "factor"), [("V1:Hrec_hoft_16384Hz", 2.0), (CHANNEL, 1.0)])
    def test_slope_and_offset_count_but_for_ligo_as_in_gwpy(self, ask: Ask, channel: str, factor: float) -> None:
        held = Nds2Channel(channel, slope=2.0)
        with ask(Nds2Archive((held,))) as fetch:
            np.testing.assert_array_equal(fetch(channel=channel).data, factor * held.samples(START, STOP))


class TestChannel:
    def test_an_unknown_channel_is_told_with_near_names(self, ask: Ask) -> None:
        served = Nds2Archive((Nds2Channel(CHANNEL), Nds2Channel(f"{CHANNEL}_CLEAN"), Nds2Channel("H1:PSL-X")))
        with ask(served) as fetch, pytest.raises(UsageError) as caught:
            fetch(channel="H1:GDS-CALIB_STRIAN")
        assert str(caught.value) == (
            f"unknown channel of {fetch.address} 'H1:GDS-CALIB_STRIAN'. Did you mean '{CHANNEL}' or "
            f"'{CHANNEL}_CLEAN'? Known: {CHANNEL}, {CHANNEL}_CLEAN."
        )

    def test_of_two_of_one_name_the_type_must_be_told(self, ask: Ask) -> None:
        reduced = Nds2Channel(CHANNEL, "reduced", 128.0)
        with ask(Nds2Archive((Nds2Channel(CHANNEL), reduced))) as fetch:
            with pytest.raises(
                UsageError, match=r"more than once .*: raw at 256 Hz and reduced at 128 Hz.*--nds2-channel-type"
            ):
                fetch()
            series = fetch(channel_type="reduced")
        assert series.sample_rate == 128
        np.testing.assert_array_equal(series.data, reduced.samples(START, STOP))

    def test_the_online_copy_is_no_second_channel(self, ask: Ask) -> None:
        with ask(Nds2Archive((Nds2Channel(CHANNEL, "online"), Nds2Channel(CHANNEL)))) as fetch:
            assert fetch().pieces[0].origin.endswith(",raw")

    def test_a_type_that_the_channel_has_not_is_told_with_those_that_it_has(self, ask: Ask) -> None:
        with ask(archive()) as fetch, pytest.raises(UsageError, match=r"unknown type of .* 'reduced'\. Known: raw\."):
            fetch(channel_type="reduced")

    def test_a_channel_of_another_time_has_no_data(self, ask: Ask) -> None:
        with ask(archive(listed=(START + 5000, START + 6000))) as fetch:
            with pytest.raises(NoDataError, match=f"not in epoch {START}-{STOP}: it has no data of it in"):
                fetch()
            assert len(fetch(epoch=f"{START}-{START + 6000}").data) == 2560
            assert len(fetch(epoch="ALL").data) == 2560

    def test_a_rate_above_the_channels_is_refused(self, ask: Ask) -> None:
        with ask(archive()) as fetch, pytest.raises(UsageError, match=r"512 Hz is more than .*, 256 Hz, and .* never"):
            fetch(rate=512)


class TestGaps:
    @pytest.mark.parametrize(
        "disk",
        [
            ((START - 50, START + 3), (START + 6, START + 50)),
            ((START - 50, START + 3),),
            ((START + 3, START + 50),),
        ],
        ids=["inside", "at the end", "at the start"],
    )
    def test_what_is_there_of_a_span_with_a_gap_is_told(self, ask: Ask, disk: tuple[tuple[int, int], ...]) -> None:
        with ask(archive(disk=disk)) as fetch, pytest.raises(NoDataError, match="does not have all of") as caught:
            fetch()
        inside = [Segment(max(a, START), min(b, STOP)) for a, b in disk]
        told = [Segment(max(part.start, START), min(part.stop, STOP)) for part in caught.value.available]
        assert told == inside

    def test_nothing_at_all_is_told(self, ask: Ask) -> None:
        with ask(archive(disk=())) as fetch, pytest.raises(NoDataError, match="there is nothing near it") as caught:
            fetch()
        assert caught.value.available == ()

    def test_parts_that_touch_in_the_archive_are_no_gap(self, ask: Ask) -> None:
        with ask(archive(disk=((START, START + 5), (START + 5, STOP)))) as fetch:
            assert len(fetch().data) == 2560

    def test_a_connection_that_breaks_is_no_gap(self, ask: Ask) -> None:
        with ask(archive(breaks_off=64)) as fetch, pytest.raises(TransientError, match="broke off in the middle"):
            fetch(START, START + 128)


class TestTape:
    def test_data_on_tape_is_not_asked_for_unless_told(self, ask: Ask) -> None:
        with ask(archive(disk=(), tape=((START, STOP),))) as fetch:
            with pytest.raises(SourceError, match=r"has this data on tape.*--nds2-allow-tape asks for it") as caught:
                fetch()
            assert not isinstance(caught.value, (NoDataError, TransientError))
            assert len(fetch(allow_tape=True).data) == 2560


class TestServer:
    def test_a_server_that_asks_for_kerberos_says_what_to_run(self, ask: Ask) -> None:
        who = pytest.raises(AuthenticationError, match=r"requires authentication: .* `kinit USER@LIGO\.ORG`")
        with ask(archive(authentication=True)) as fetch, who:
            fetch()

    def test_nobody_there_names_the_server_and_may_pass(self, ask: Ask) -> None:
        with ask(archive()) as fetch, pytest.raises(TransientError, match=r"no server answers at 127\.0\.0\.1:9:"):
            fetch(server="127.0.0.1:9")

    def test_a_host_that_does_not_exist_is_named(self, ask: Ask) -> None:
        with ask(archive()) as fetch, pytest.raises(TransientError, match=r"there is no host 'nds\.invalid'"):
            fetch(server="nds.invalid")

    def test_another_kind_of_server_is_told_from_nds2(self, ask: Ask) -> None:
        with ask(archive(rubbish=True)) as fetch, pytest.raises(SourceError, match="not as an NDS2 server does"):
            fetch()

    @pytest.mark.parametrize(
        ("number", "kind", "words"),
        [
            (0x08, TransientError, "is overloaded"),
            (0x01, TransientError, r"broke off: .*Unspecified error"),
            (0x10, SourceError, r"refuses: .*Requested data rate is invalid"),
        ],
    )
    def test_a_refusal_is_told_in_its_words(self, ask: Ask, number: int, kind: type[SourceError], words: str) -> None:
        with ask(archive(refuses=number)) as fetch, pytest.raises(kind, match=words) as caught:
            fetch()
        assert type(caught.value) is kind
        assert "\n" not in str(caught.value)

    def test_the_next_server_is_asked_for_what_one_has_not(self, ask: Ask) -> None:
        with ask(archive()) as fetch:
            series = fetch(server=f"127.0.0.1:9,{fetch.address}")
            assert series.pieces[0].origin.startswith(f"nds2://{fetch.address}/")
            with pytest.raises(
                TransientError, match=rf"127\.0\.0\.1:9: no server .* {fetch.address}: .* never upsampled"
            ):
                fetch(server=f"127.0.0.1:9,{fetch.address}", rate=512)
