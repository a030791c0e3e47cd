"""What is asked of a segment source."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, ClassVar

import pytest

from aframe_data.errors import UsageError
from aframe_data.plugin.records import SegmentSourceProvider
from aframe_data.testing.base import ProviderTests
from aframe_data.types import SegmentQuery, SegmentResult

if TYPE_CHECKING:
    from aframe_data.plugin.protocols import SegmentSource


class SegmentSourceTests(ProviderTests):
    """Tests of a segment source.

    Attributes
    ----------
    flag
        A flag that is active for a part of the span at least.
    start, stop
        The span, in GPS seconds.
    unknown_flag
        A flag that the source does not have, or None where it has every flag that it accepts.
    """

    kind = "segments"
    flag: ClassVar[str]
    start: ClassVar[float]
    stop: ClassVar[float]
    unknown_flag: ClassVar[str | None] = None

    def source(self) -> SegmentSource:
        """A new object."""
        source: SegmentSource = self.choice().create()
        return source

    def ask(self) -> SegmentResult:
        """The answer for the flag and the span."""
        return self.source().query(SegmentQuery(self.flag, self.start, self.stop))

    def test_it_accepts_its_flag(self) -> None:
        """The record's patterns and the class agree."""
        provider = self.entry().provider
        assert isinstance(provider, SegmentSourceProvider)
        assert provider.accepts(self.flag)

    def test_active_segments_are_sorted_disjoint_and_inside_the_span(self) -> None:
        """Half-open segments, clipped to the query."""
        active = self.ask().active
        assert active
        assert active[0].start >= self.start
        assert active[-1].stop <= self.stop
        assert all(first.stop <= second.start for first, second in itertools.pairwise(active))

    def test_what_is_active_is_known(self) -> None:
        """Known time, where the source tells, covers the active time."""
        result = self.ask()
        if result.known is not None:
            for segment in result.active:
                assert any(known.start <= segment.start and segment.stop <= known.stop for known in result.known)

    def test_the_same_question_has_the_same_answer(self) -> None:
        """From a new object too."""
        assert self.ask().active == self.ask().active

    def test_an_unknown_flag_is_refused(self) -> None:
        """As a usage error that names the flag."""
        if self.unknown_flag is None:
            pytest.skip("this source has every flag that it accepts")
        with pytest.raises(UsageError, match=self.unknown_flag):
            self.source().query(SegmentQuery(self.unknown_flag, self.start, self.stop))
