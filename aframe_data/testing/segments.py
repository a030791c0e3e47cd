"""What is asked of a segment source."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, ClassVar, cast

import pytest

from aframe_data.errors import UsageError
from aframe_data.plugin.records import SegmentSourceProvider
from aframe_data.segments import arithmetic
from aframe_data.testing.base import ProviderTests
from aframe_data.types import Segment, SegmentQuery, SegmentResult

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aframe_data.plugin.protocols import EventCatalog, SegmentSource

    Spans = Iterable[tuple[float, float]]


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
    active, known
        Where the flag is active and known in the span, as half-open pairs in order; None where the author cannot say.
    other_flag, other_active
        A second flag, and where it is active in the span; or None.
    silent
        A span in which the flag is known and never active, or None.
    events
        The names of the events in the span, in order, where the record says ``catalog=True``; or None.
    """

    kind = "segments"
    contract = "aframe_data.plugin.protocols.SegmentSource"
    flag: ClassVar[str]
    start: ClassVar[float]
    stop: ClassVar[float]
    unknown_flag: ClassVar[str | None] = None
    active: ClassVar[tuple[tuple[float, float], ...] | None] = None
    known: ClassVar[tuple[tuple[float, float], ...] | None] = None
    other_flag: ClassVar[str | None] = None
    other_active: ClassVar[tuple[tuple[float, float], ...] | None] = None
    silent: ClassVar[tuple[float, float] | None] = None
    events: ClassVar[tuple[str, ...] | None] = None

    def source(self) -> SegmentSource:
        """A new object."""
        source: SegmentSource = self.choice().create()
        return source

    def ask(self) -> SegmentResult:
        """The answer for the flag and the span."""
        return self.source().query(SegmentQuery(self.flag, self.start, self.stop))

    def ask_something_small(self) -> SegmentResult:
        """The flag over the span."""
        return self.ask()

    def test_it_accepts_its_flag(self) -> None:
        """The record's patterns and the class agree."""
        provider = self.entry().provider
        assert isinstance(provider, SegmentSourceProvider)
        assert provider.accepts(self.flag), f"flags={provider.flags!r} of the record do not match {self.flag!r}"

    def test_the_answer_is_a_record_of_segments(self) -> None:
        """A `SegmentResult` of tuples of `Segment`, with the place where it came from."""
        result = self.ask()
        assert isinstance(result, SegmentResult)
        for segments in (result.active, result.known):
            assert segments is None or isinstance(segments, tuple)
            assert all(isinstance(segment, Segment) for segment in segments or ())
        assert str(result.origin).strip(), "origin is empty: the provenance needs a URL, a path or a name"

    def test_active_segments_are_sorted_disjoint_and_inside_the_span(self) -> None:
        """Half-open segments, clipped to the query."""
        active = self.ask().active
        assert active
        _require_in_order(active, self.start, self.stop)

    def test_what_is_active_is_known(self) -> None:
        """Known time, where the source tells, covers the active time."""
        result = self.ask()
        if result.known is not None:
            _require_in_order(result.known, self.start, self.stop)
            unknown = arithmetic.subtract(result.active, result.known)
            assert not unknown, f"active, and not known: {', '.join(map(str, unknown))}"

    def test_segments_are_those_that_the_author_gives(self) -> None:
        """To the last digit, and half-open: a segment ends where the first inactive time begins."""
        if self.active is None and self.known is None:
            pytest.skip("no segments are given to compare with")
        result = self.ask()
        assert self.active is None or _pairs(result.active) == _pairs(self.active)
        assert self.known is None or _pairs(result.known or ()) == _pairs(self.known)

    def test_another_flag_has_its_own_answer(self) -> None:
        """From the same object, which has answered for the first."""
        if self.other_flag is None or self.other_active is None:
            pytest.skip("no other flag is given to compare with")
        source = self.source()
        source.query(SegmentQuery(self.flag, self.start, self.stop))
        other = source.query(SegmentQuery(self.other_flag, self.start, self.stop))
        assert _pairs(other.active) == _pairs(self.other_active)

    def test_the_same_question_has_the_same_answer(self) -> None:
        """Of one object twice, with another question between, and of a new one."""
        source = self.source()
        question = SegmentQuery(self.flag, self.start, self.stop)
        first = source.query(question)
        source.query(SegmentQuery(self.flag, self.start, (self.start + self.stop) / 2))
        assert source.query(question) == first, "one object answers the same question in two ways"
        assert self.ask().active == first.active, "a new object answers in another way"

    def test_parts_of_the_span_make_the_whole(self) -> None:
        """Each part is clipped to its own span, also where a segment goes on beyond it."""
        source, whole = self.source(), self.ask()
        # where a segment is cut, where it begins and ends, and anywhere
        cuts = {(self.start + self.stop) / 2}
        for segment in whole.active[:2]:
            cuts |= {segment.start, segment.stop, (segment.start + segment.stop) / 2}
        for cut in sorted(cut for cut in cuts if self.start < cut < self.stop):
            parts: list[Segment] = []
            for start, stop in ((self.start, cut), (cut, self.stop)):
                active = source.query(SegmentQuery(self.flag, start, stop)).active
                _require_in_order(active, start, stop)
                parts += active
            joined, expected = arithmetic.coalesce(parts), arithmetic.coalesce(whole.active)
            assert _pairs(joined) == _pairs(expected), f"asked in two parts, cut at {cut:.10g}"

    def test_a_span_without_active_time_has_an_empty_answer(self) -> None:
        """It is no error, and what is known there is told as ever."""
        if self.silent is None:
            pytest.skip("no span without active time is given")
        result = self.source().query(SegmentQuery(self.flag, *self.silent))
        assert result.active == ()
        assert result.known is None or _pairs(result.known) == (self.silent,)

    def test_an_unknown_flag_is_refused(self) -> None:
        """As a usage error that names the flag."""
        if self.unknown_flag is None:
            pytest.skip("this source has every flag that it accepts")
        with pytest.raises(UsageError, match=self.unknown_flag):
            self.source().query(SegmentQuery(self.unknown_flag, self.start, self.stop))

    def test_events_are_those_of_the_span(self) -> None:
        """In order of time, from the first second of the span up to the last, which does not belong to it."""
        provider = self.entry().provider
        if not (isinstance(provider, SegmentSourceProvider) and provider.catalog):
            pytest.skip("this source has no catalogue")
        found = cast("EventCatalog", self.source()).events(self.start, self.stop)
        times = [event.gps for event in found]
        assert times == sorted(times)
        assert all(self.start <= time < self.stop for time in times), f"events outside the span: {times}"
        assert self.events is None or tuple(event.name for event in found) == self.events
        if times:
            at_its_time = cast("EventCatalog", self.source()).events(times[0], times[0] + 1e-6)
            assert found[0] in at_its_time, "an event at the start of a span belongs to it"
            before = cast("EventCatalog", self.source()).events(times[0] - 1, times[0])
            assert found[0] not in before, "an event at the end of a span does not belong to it"


def _pairs(segments: Iterable[Segment] | Spans) -> tuple[tuple[float, float], ...]:
    return tuple(
        (segment.start, segment.stop) if isinstance(segment, Segment) else (segment[0], segment[1])
        for segment in segments
    )


def _require_in_order(segments: tuple[Segment, ...], start: float, stop: float) -> None:
    for segment in segments:
        assert start <= segment.start, f"{segment} begins before the span [{start:.10g}, {stop:.10g})"
        assert segment.stop <= stop, f"{segment} ends after the span [{start:.10g}, {stop:.10g})"
    for first, second in itertools.pairwise(segments):
        assert first.stop <= second.start, f"{first} and {second} overlap, or are out of order"
