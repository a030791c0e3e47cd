"""What is asked of a strain fetcher."""

from __future__ import annotations

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
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from aframe_data.plugin.protocols import StrainFetcher


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
    missing
        A span of which it has nothing, or None.
    too_high
        A rate, in Hz, above all that it has, or None.
    """

    kind = "strain"
    channel: ClassVar[str]
    start: ClassVar[int]
    stop: ClassVar[int]
    sample_rate: ClassVar[float]
    missing: ClassVar[tuple[int, int] | None] = None
    too_high: ClassVar[float | None] = None

    def fetcher(self) -> StrainFetcher:
        """A new object."""
        fetcher: StrainFetcher = self.choice().create()
        return fetcher

    def ask(self, start: int, stop: int) -> StrainSeries:
        """The answer for a span."""
        request = StrainRequest((self.channel,), start, stop, self.sample_rate)
        return self.fetcher().fetch(request)[self.channel]

    def test_it_accepts_its_channel(self) -> None:
        """The record's patterns and the class agree."""
        provider = self.entry().provider
        assert isinstance(provider, StrainFetcherProvider)
        assert provider.accepts(self.channel)

    def test_the_answer_is_what_was_asked_for(self) -> None:
        """Span, rate and unit, as the core checks them."""
        request = StrainRequest((self.channel,), self.start, self.stop, self.sample_rate)
        series = self.ask(self.start, self.stop)
        require_as_asked(series, request)
        assert series.data.ndim == 1
        assert series.data.dtype in (np.float32, np.float64)
        assert series.ifo == interferometer(self.channel)

    def test_a_part_equals_the_whole(self) -> None:
        """Bit by bit: the core cuts a span into blocks as it sees fit."""
        middle = (self.start + self.stop) // 2
        whole = self.ask(self.start, self.stop)
        parts = np.concatenate([self.ask(self.start, middle).data, self.ask(middle, self.stop).data])
        np.testing.assert_array_equal(parts, whole.data)

    def test_files_that_are_asked_for_in_parts_are_downloaded_once(self, tmp_path: Path) -> None:
        """Every download goes through the store that the core hands over."""
        provider = self.entry().provider
        if not (isinstance(provider, StrainFetcherProvider) and provider.files):
            pytest.skip("this fetcher downloads no whole files")
        fetcher, store = self.fetcher(), _CountingStore(tmp_path)
        assert isinstance(fetcher, FileFetcher)
        fetcher.keep_files(store)
        middle = (self.start + self.stop) // 2
        spans = ((self.start, middle), (middle, self.stop))
        requests = [StrainRequest((self.channel,), *span, self.sample_rate) for span in spans]
        parts = np.concatenate([fetcher.fetch(request)[self.channel].data for request in requests])
        np.testing.assert_array_equal(parts, self.ask(self.start, self.stop).data)
        assert set(store.downloads.values()) == {1}, f"downloads through the store: {dict(store.downloads)}"

    def test_masks_have_one_value_a_second(self) -> None:
        """And a name for each bit that is on anywhere."""
        series = self.ask(self.start, self.stop)
        for mask in (series.quality, series.injections):
            if mask is not None:
                assert mask.values.shape == (self.stop - self.start,)
                assert int(np.bitwise_or.reduce(mask.values)) < 2 ** len(mask.bits)

    def test_pieces_say_where_the_data_came_from(self) -> None:
        """In order, and covering the span."""
        pieces = self.ask(self.start, self.stop).pieces
        assert pieces
        assert all(piece.origin for piece in pieces)
        assert pieces[0].start <= self.start
        assert pieces[-1].stop >= self.stop

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
            self.fetcher().fetch(StrainRequest((self.channel,), self.start, self.stop, self.too_high))
