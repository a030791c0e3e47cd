"""Asking sources for one stretch of strain: in order, again where it helps, the next one for what one has not."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.errors import DataQualityError, NoDataError, PluginError, SourceError, TransientError, UsageError
from aframe_data.plugin.protocols import FileFetcher
from aframe_data.retries import joint_error, persistently, tell_of_next
from aframe_data.segments import arithmetic
from aframe_data.strain import quality
from aframe_data.types import Flaw, Segment, StrainRequest, StrainSeries

if TYPE_CHECKING:
    from aframe_data.filestore import Storage
    from aframe_data.plugin.protocols import StrainFetcher
    from aframe_data.registry.choice import Choice
    from aframe_data.strain.units import Wanted
    from aframe_data.types import FloatArray


@dataclass(frozen=True)
class Answer:
    """What one source gave of a stretch: finite samples over `span`, in whole GPS seconds."""

    span: Segment
    choice: Choice
    series: StrainSeries


@dataclass
class _Search:
    """How far the search for one stretch is."""

    open: tuple[Segment, ...]
    answers: list[Answer] = field(default_factory=list)
    not_finite: list[Flaw] = field(default_factory=list)
    unanswered: list[Segment] = field(default_factory=list)
    errors: dict[str, SourceError | UsageError] = field(default_factory=dict)

    def take(self, choice: Choice, span: Segment, series: StrainSeries) -> None:
        """Take the whole seconds of an answer in which all samples are finite."""
        flaws = quality.missing_samples(quality.within(series, span), span.start, series.sample_rate)
        self.not_finite += flaws
        finite = arithmetic.subtract([span], arithmetic.outward(flaws))
        self.answers += [Answer(stretch, choice, series) for stretch in finite]
        self.open = arithmetic.subtract(self.open, finite)

    def note(self, choice: Choice, gap: Segment, error: SourceError | UsageError) -> None:
        """Note what a source said instead of an answer; that it has no data somewhere is what matters least."""
        if not isinstance(error, NoDataError):
            self.unanswered.append(gap)
        known = self.errors.get(choice.key)
        if known is None or (isinstance(known, NoDataError) and not isinstance(error, NoDataError)):
            self.errors[choice.key] = error

    @property
    def silent(self) -> tuple[Segment, ...]:
        """Of what is open, the whole seconds of which no source gave anything."""
        return arithmetic.subtract(self.open, arithmetic.outward(self.not_finite))

    @property
    def missing(self) -> tuple[Flaw, ...]:
        """What no source has, as far as sources said so."""
        told = arithmetic.clip(self.not_finite, self.open)
        return (*told, *(Flaw(gap.start, gap.stop, "that no source has") for gap in self.silent))


def gather(wanted: Wanted, storage: Storage, span: Segment) -> tuple[list[Answer], tuple[Flaw, ...]]:
    """Ask the sources for a stretch.

    Returns
    -------
    answers, missing
        In order of time.

    Raises
    ------
    AframeDataError
        A part of the stretch is missing, and a source could not answer for it, or missing ones are not allowed.
    """
    search = _Search((span,))
    several = len(wanted.choices) > 1
    for choice in wanted.choices:
        for gap in search.open:
            try:
                _ask_for(search, wanted, storage, choice, gap, in_pieces=several or wanted.partial)
            except (SourceError, UsageError) as error:
                search.note(choice, gap, error)
                if several:
                    tell_of_next(choice.key, error)
        if not search.open:
            break
    # A source that is out of order is no gap in the data.
    if arithmetic.intersect(search.open, search.unanswered) or (search.silent and not wanted.partial):
        raise joint_error(search.errors)
    return sorted(search.answers, key=lambda answer: answer.span), search.missing


def _ask_for(
    search: _Search, wanted: Wanted, storage: Storage, choice: Choice, gap: Segment, *, in_pieces: bool
) -> None:
    """Ask one source for what is open; where it has a part of it and says so, for that part."""
    ask = partial(_ask, wanted, storage, choice)
    try:
        search.take(choice, gap, persistently(partial(ask, gap)))
    except NoDataError as error:
        there = arithmetic.whole_seconds(arithmetic.intersect(error.available, [gap]))
        if not in_pieces or there in ((), (gap,)):
            raise
        for stretch in there:
            with suppress(NoDataError):  # it has less than it says: the next stretch may be there
                search.take(choice, stretch, persistently(partial(ask, stretch)))
        raise


def beyond_edge(wanted: Wanted, storage: Storage, edge: Segment, beside: Answer) -> FloatArray | None:
    """The samples just outside a file, from the source of what lies inside; None if not there or not finite.

    A source that cannot answer now fails the file: with another edge it would not be the same file.
    """
    series = beside.series
    if not (series.start <= edge.start and edge.stop <= series.stop):
        try:
            series = persistently(partial(_ask, wanted, storage, beside.choice, edge))
        except TransientError:
            raise
        except (SourceError, UsageError, DataQualityError):
            return None
        if series.sample_rate != beside.series.sample_rate:
            return None
    samples = quality.within(series, edge)
    return samples if np.isfinite(samples).all() else None


def _ask(wanted: Wanted, storage: Storage, choice: Choice, span: Segment) -> StrainSeries:
    """Ask one source for one span of one channel, and check the shape of the answer."""
    request = StrainRequest((wanted.channel,), int(span.start), int(span.stop), wanted.sample_rate)
    fetcher = _fetcher(choice, storage)
    with choice.at_work():
        answer = fetcher.fetch(request)
    series = answer.get(wanted.channel) if isinstance(answer, Mapping) else None
    if not isinstance(series, StrainSeries):
        raise PluginError(f"strain fetcher {choice.key!r} returned no StrainSeries of {wanted.channel!r}.")
    quality.require_as_asked(series, request)
    return series


@cache
def _fetcher(choice: Choice, storage: Storage) -> StrainFetcher:
    """One fetcher for the life of a process, or of a fetch in it, so that it can keep its connection and its files."""
    fetcher: StrainFetcher = choice.create()
    if isinstance(fetcher, FileFetcher):
        fetcher.keep_files(storage.open())
    return fetcher


def forget_fetchers() -> None:
    """Let go of this process's fetchers, where it has any: the next fetch in it makes its own."""
    _fetcher.cache_clear()
