"""What is asked of a strain fetcher."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pytest

from aframe_data.checks import interferometer
from aframe_data.errors import NoDataError, UsageError
from aframe_data.filestore.temporary import TemporaryStore
from aframe_data.plugin.protocols import FileFetcher
from aframe_data.plugin.records import StrainFetcherProvider
from aframe_data.strain.quality import require_as_asked
from aframe_data.testing.base import ProviderTests
from aframe_data.types import StrainRequest, StrainSeries

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from aframe_data.plugin.protocols import StrainFetcher
    from aframe_data.types import BitMask, FloatArray


class _CountingStore:
    """A store that counts the downloads of each file."""

    def __init__(self, folder: Path) -> None:
        self._store = TemporaryStore(folder)
        self.downloads: Counter[str] = Counter()

    def file(self, url: str, download: Callable[[Path], None]) -> AbstractContextManager[Path]:
        def counted(path: Path) -> None:
            self.downloads[url] += 1
            download(path)

        return self._store.file(url, counted)

    def discard(self, url: str) -> None:
        self._store.discard(url)


class StrainFetcherTests(ProviderTests):
    """Tests of a strain fetcher.

    Attributes
    ----------
    channel
        A channel that it has.
    start, stop
        A span that it has, in whole GPS seconds; at least 4 s long.
    sample_rate
        A rate, in Hz, that it can give.
    other_channel
        A channel of another detector that it has in the same span, or None.
    missing
        A span of which it has nothing, or None.
    too_high
        A rate, in Hz, above all that it has, or None.
    unknown_channel
        A channel that it accepts and does not have, or None.
    value_at
        The GPS time of a sample inside the span, and its value; or None. With it, or with `expected`, the kit sees
        data that is a sample late. `tolerance` says how closely values agree.
    gap
        Whole seconds that the archive marks as missing inside data that it has, or None.
    quality_at, injections_at
        A second of the span and the names of the bits that are on in it, of the masks; or None.
    """

    kind = "strain"
    contract = "aframe_data.plugin.protocols.StrainFetcher"
    channel: ClassVar[str]
    start: ClassVar[int]
    stop: ClassVar[int]
    sample_rate: ClassVar[float]
    other_channel: ClassVar[str | None] = None
    missing: ClassVar[tuple[int, int] | None] = None
    too_high: ClassVar[float | None] = None
    unknown_channel: ClassVar[str | None] = None
    value_at: ClassVar[tuple[float, float] | None] = None
    tolerance: ClassVar[float] = 1e-6
    gap: ClassVar[tuple[int, int] | None] = None
    quality_at: ClassVar[tuple[int, tuple[str, ...]] | None] = None
    injections_at: ClassVar[tuple[int, tuple[str, ...]] | None] = None

    def expected(self, channel: str, start: int, stop: int) -> FloatArray | None:  # noqa: ARG002 - for authors
        """Return the samples of a span at the archive's own rate by a second path, if there is one."""
        return None

    def fetcher(self) -> StrainFetcher:
        """A new object."""
        fetcher: StrainFetcher = self.choice().create()
        return fetcher

    def ask(self, start: int, stop: int) -> StrainSeries:
        """The answer for a span, of a new object."""
        return self.answers(self.fetcher(), start, stop)[self.channel]

    def answers(
        self, fetcher: StrainFetcher, start: int, stop: int, *channels: str, rate: float | None = None
    ) -> Mapping[str, StrainSeries]:
        """The answers of an object for some channels, the test's own where none is named."""
        wanted = channels or (self.channel,)
        return fetcher.fetch(StrainRequest(wanted, start, stop, self.sample_rate if rate is None else rate))

    def ask_something_small(self) -> StrainSeries:
        """The first seconds of the span."""
        return self.ask(self.start, min(self.start + 4, self.stop))

    def test_it_accepts_its_channel(self) -> None:
        """The record's patterns and the class agree."""
        provider = self.entry().provider
        assert isinstance(provider, StrainFetcherProvider)
        for channel in filter(None, (self.channel, self.other_channel)):
            assert provider.accepts(channel), f"channels={provider.channels!r} of the record do not match {channel!r}"

    def test_the_answer_is_what_was_asked_for(self) -> None:
        """Span, rate and unit, as the core checks them."""
        request = StrainRequest((self.channel,), self.start, self.stop, self.sample_rate)
        answers = self.fetcher().fetch(request)
        assert set(answers) == {self.channel}, "an answer is keyed by the channels as they were asked for"
        series = self.ask(self.start, self.stop)
        require_as_asked(series, request)
        assert series.data.ndim == 1
        assert series.data.dtype in (np.float32, np.float64)
        assert series.ifo == interferometer(self.channel)

    def test_there_is_data(self) -> None:
        """Not NaN alone, nothing infinite, and not the same number throughout."""
        data = self.ask(self.start, self.stop).data
        finite = data[np.isfinite(data)]
        assert not np.isinf(data).any(), "infinite samples: what is missing is NaN"
        assert finite.size, "all samples are NaN"
        assert np.ptp(finite) > 0, f"all samples are {finite[0]:g}"

    def test_a_lower_rate_can_be_asked_for(self) -> None:
        """The rate of an answer is the asked one or a higher one: the core resamples what comes."""
        series = self.answers(self.fetcher(), self.start, self.stop, rate=self.sample_rate / 2)[self.channel]
        require_as_asked(series, StrainRequest((self.channel,), self.start, self.stop, self.sample_rate / 2))
        full = self.ask(self.start, self.stop)
        if series.sample_rate == full.sample_rate:
            np.testing.assert_array_equal(series.data, full.data)

    def test_the_same_question_has_the_same_answer(self) -> None:
        """Of one object twice, with another question between and the first answer spoilt, and of a new one."""
        fetcher = self.fetcher()
        first = self.answers(fetcher, self.start, self.stop)[self.channel].data
        expected = first.copy()
        if first.flags.writeable:
            first[:] = 0  # whoever asked may do so
        self.answers(fetcher, self.start + 1, self.stop)
        again = self.answers(fetcher, self.start, self.stop)[self.channel].data
        np.testing.assert_array_equal(again, expected, err_msg="one object answers the same question in two ways")
        np.testing.assert_array_equal(self.ask(self.start, self.stop).data, expected, err_msg="a new object differs")

    def test_a_part_equals_the_whole(self) -> None:
        """Bit by bit, data and masks: the core cuts a span into blocks as it sees fit."""
        whole = self.ask(self.start, self.stop)
        for cut in sorted({self.start + 1, (self.start + self.stop) // 2, self.stop - 1}):
            fetcher = self.fetcher()
            # the later part first: an object may be asked in any order
            late, early = (self.answers(fetcher, *span)[self.channel] for span in ((cut, self.stop), (self.start, cut)))
            np.testing.assert_array_equal(
                np.concatenate([early.data, late.data]), whole.data, err_msg=f"asked in two parts, cut at {cut}"
            )
            for name in ("quality", "injections"):
                masks = [getattr(series, name) for series in (early, late, whole)]
                if masks[2] is not None:
                    np.testing.assert_array_equal(
                        np.concatenate([masks[0].values, masks[1].values]),
                        masks[2].values,
                        err_msg=f"the {name} mask, asked in two parts, cut at {cut}",
                    )

    def test_detectors_differ(self) -> None:
        """Each channel has its own data and interferometer, asked for together as alone."""
        if self.other_channel is None:
            pytest.skip("no channel of another detector is given")
        both = (self.channel, self.other_channel)
        alone = {channel: self.answers(self.fetcher(), self.start, self.stop, channel)[channel] for channel in both}
        assert not np.array_equal(alone[both[0]].data, alone[both[1]].data, equal_nan=True), f"{both} are the same data"
        assert alone[self.other_channel].ifo == interferometer(self.other_channel)
        for order in (both, both[::-1]):
            together = self.answers(self.fetcher(), self.start, self.stop, *order)
            assert set(together) == set(both)
            for channel in both:
                np.testing.assert_array_equal(together[channel].data, alone[channel].data, err_msg=channel)
                assert together[channel].ifo == alone[channel].ifo

    def test_samples_are_at_their_time(self) -> None:
        """The sample of a time is that of the archive: a sample late is a wrong phase between detectors."""
        series = self.ask(self.start, self.stop)
        expected = self.expected(self.channel, self.start, self.stop)
        if self.value_at is None and expected is None:
            pytest.skip("neither value_at nor expected() tells a sample of the span")
        if expected is not None:
            np.testing.assert_allclose(series.data, expected, rtol=self.tolerance, atol=0)
        if self.value_at is not None:
            time, value = self.value_at
            for start in (self.start, int(time)):  # also where the answer begins close to it
                part = self.ask(start, self.stop)
                found = part.data[round((time - start) * part.sample_rate)]
                np.testing.assert_allclose(found, value, rtol=self.tolerance, err_msg=f"the sample at GPS {time:.10g}")

    def test_data_that_is_marked_as_missing_is_nan(self) -> None:
        """Neither zeros nor what happens to stand there: NaN in just these seconds, or no data at all."""
        if self.gap is None:
            pytest.skip("no gap is given")
        start, stop = self.gap
        try:
            series = self.ask(start - 1, stop + 1)
        except NoDataError:
            return
        missing = np.isnan(series.data)
        rate = round(series.sample_rate)
        assert missing[rate:-rate].all(), "finite samples in seconds that are marked as missing"
        assert not missing[:rate].any(), "NaN before the gap"
        assert not missing[-rate:].any(), "NaN after the gap"

    def test_files_that_are_asked_for_in_parts_are_downloaded_once(self, tmp_path: Path) -> None:
        """Every download goes through the store that the core hands over."""
        provider = self.entry().provider
        if not (isinstance(provider, StrainFetcherProvider) and provider.files):
            pytest.skip("this fetcher downloads no whole files")
        (tmp_path / "whole").mkdir()
        fetcher, store, once = self.fetcher(), _CountingStore(tmp_path), _CountingStore(tmp_path / "whole")
        another = self.fetcher()
        for asked, kept in ((fetcher, store), (another, once)):
            assert isinstance(asked, FileFetcher)
            asked.keep_files(kept)
        self.answers(another, self.start, self.stop)
        middle = (self.start + self.stop) // 2
        spans = ((self.start, middle), (middle, self.stop))
        requests = [StrainRequest((self.channel,), *span, self.sample_rate) for span in spans]
        parts = np.concatenate([fetcher.fetch(request)[self.channel].data for request in requests])
        np.testing.assert_array_equal(parts, self.ask(self.start, self.stop).data)
        assert set(store.downloads.values()) == {1}, f"downloads through the store: {dict(store.downloads)}"
        assert set(store.downloads) == set(once.downloads), "a file has another name in each question"

    def test_masks_have_one_value_a_second(self) -> None:
        """And a name for each bit that is on anywhere."""
        series = self.ask(self.start, self.stop)
        for mask in (series.quality, series.injections):
            if mask is not None:
                assert mask.values.shape == (self.stop - self.start,)
                assert int(np.bitwise_or.reduce(mask.values)) < 2 ** len(mask.bits)
                assert len(set(mask.bits)) == len(mask.bits), f"two bits of one name: {mask.bits}"

    def test_masks_say_what_the_author_knows(self) -> None:
        """The bits that are on in a known second, wherever the question begins."""
        known = {"quality": self.quality_at, "injections": self.injections_at}
        if known == {"quality": None, "injections": None}:
            pytest.skip("no second of a mask is given")
        for name, told in known.items():
            if told is None:
                continue
            second, names = told
            for start in (self.start, second):
                mask: BitMask | None = getattr(self.ask(start, self.stop), name)
                assert mask is not None, f"there is no {name} mask"
                value = int(mask.values[second - start])
                on = {bit for number, bit in enumerate(mask.bits) if value >> number & 1}
                assert on == set(names), f"bits of the {name} mask that are on in second {second}"

    def test_pieces_say_where_the_data_came_from(self) -> None:
        """In order, and covering the span."""
        pieces = self.ask(self.start, self.stop).pieces
        assert pieces
        assert all(piece.origin for piece in pieces)
        assert pieces[0].start <= self.start
        assert pieces[-1].stop >= self.stop
        assert all(one.stop == other.start for one, other in itertools.pairwise(pieces)), f"a gap in {pieces}"

    def test_a_span_that_is_not_there_is_told(self) -> None:
        """As missing data, never as a shorter answer."""
        if self.missing is None:
            pytest.skip("this fetcher has every span")
        with pytest.raises(NoDataError):
            self.ask(*self.missing)

    def test_a_rate_that_is_not_there_is_refused(self) -> None:
        """Nothing is upsampled."""
        if self.too_high is None:
            pytest.skip("this fetcher has every rate")
        with pytest.raises(UsageError):
            self.answers(self.fetcher(), self.start, self.stop, rate=self.too_high)

    def test_an_unknown_channel_is_refused(self) -> None:
        """As a usage error that names the channel."""
        if self.unknown_channel is None:
            pytest.skip("this fetcher has every channel that it accepts")
        with pytest.raises(UsageError, match=self.unknown_channel):
            self.answers(self.fetcher(), self.start, self.stop, self.unknown_channel)
