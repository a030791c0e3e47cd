"""Asking segment sources: each flag goes to those that accept it, one after the other until one answers."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from aframe_data.errors import NoDataError, PluginError, TransientError, UsageError
from aframe_data.plugin.records import SegmentSourceProvider
from aframe_data.registry.candidates import choose_each
from aframe_data.registry.choice import Choice, assign_options
from aframe_data.registry.names import registered
from aframe_data.reports.query import FlagReport
from aframe_data.retries import in_order, persistently
from aframe_data.segments import arithmetic
from aframe_data.types import Segment, SegmentQuery, SegmentResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from aframe_data.plugin.protocols import EventCatalog, SegmentSource
    from aframe_data.progress import Advance
    from aframe_data.segments.arithmetic import Segments
    from aframe_data.segments.veto_definer import Veto
    from aframe_data.types import CatalogEvent

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Selection:
    """The sources that were chosen.

    Attributes
    ----------
    choices
        All of them, in the order in which the flags come to them.
    of_flag
        The keys of those that are asked for each flag, in that order.
    """

    choices: tuple[Choice, ...]
    of_flag: Mapping[str, tuple[str, ...]]


def select(names: Sequence[str], flags: Sequence[str], options: Mapping[str, Any]) -> Selection:
    """Choose the sources of some flags; errors as `aframe_data.registry.choice.choose_each`."""
    choices = choose_each("segments", names, flags, options)
    return Selection(
        choices=tuple({choice.key: choice for chosen in choices.values() for choice in chosen}.values()),
        of_flag={flag: tuple(choice.key for choice in chosen) for flag, chosen in choices.items()},
    )


class Sources:
    """The objects behind a selection, made at once, so that what cannot be used is told before the first question.

    Parameters
    ----------
    selection
        What they are.
    window
        The span to ask for.
    span
        The span that reports are about.
    advance
        Is called for each answer.
    """

    def __init__(self, selection: Selection, window: Segment, span: Segment, advance: Advance) -> None:
        self._selection, self._window, self._span, self._advance = selection, window, span, advance
        self._sources: dict[str, SegmentSource] = {choice.key: choice.create() for choice in selection.choices}

    def active(self, flag: str, *, excluded: bool = False) -> tuple[Segments, FlagReport]:
        """Where a flag is active in the window."""
        key, result = self._ask(flag, self._window)
        return self._answer(FlagReport(flag, key, result.origin, 0, None, excluded), result.active, result.known)

    def vetoed(self, veto: Veto) -> tuple[Segments, FlagReport]:
        """What a row of a veto definer takes out of the window; nothing where its flag is not known there."""
        asked = veto.asked(self._window)
        if asked is None:
            raise ValueError(f"{veto.flag} does not apply in {self._window}")
        try:
            key, result = self._ask(veto.flag, asked)
        except NoDataError as error:
            _logger.warning("nothing is taken out for %s: %s", veto.flag, error)
            key, result = " ".join(self._selection.of_flag[veto.flag]), SegmentResult((), ())
        report = FlagReport(veto.flag, key, result.origin, 0, None, excluded=True, category=veto.category)
        known = None if result.known is None else arithmetic.intersect(result.known, [veto.valid])
        return self._answer(report, veto.vetoed(result.active), known)

    def _answer(
        self, report: FlagReport, active: Iterable[Segment], known: Iterable[Segment] | None
    ) -> tuple[Segments, FlagReport]:
        self._advance(1)
        inside = arithmetic.intersect(active, [self._window])
        seconds = arithmetic.livetime(arithmetic.intersect(inside, [self._span]))
        known_seconds = None if known is None else arithmetic.livetime(arithmetic.intersect(known, [self._span]))
        return inside, replace(report, active=seconds, known=known_seconds)

    def _ask(self, flag: str, span: Segment) -> tuple[str, SegmentResult]:
        """The key of the first source that knows a flag, and its answer; errors as `aframe_data.retries.in_order`."""
        question = SegmentQuery(flag, span.start, span.stop)
        asks = {key: partial(self._sources[key].query, question) for key in self._selection.of_flag[flag]}
        try:
            key, result = in_order(asks)
        except TransientError as error:
            message = f"{error} Nothing was written; the same command asks again."
            raise TransientError(message, error.retry_after) from error
        if not isinstance(result, SegmentResult):
            raise PluginError(f"segment source {key!r} must answer with a SegmentResult, not {result!r}.")
        return key, result

    def catalog(self) -> EventCatalog:
        """The catalogue of the chosen sources, or else of any source that has one."""
        for choice in self._selection.choices:
            if _has_catalog(choice):
                chosen: Any = self._sources[choice.key]
                catalog: EventCatalog = chosen
                return catalog
        known = [entry for entry in registered("segments") if entry.provider.automatic and _has_catalog(entry)]
        if not known:
            raise UsageError("--exclude-events needs a segment source with a catalogue of events, and none is there.")
        other: EventCatalog = assign_options(known[:1], {})[0].create()
        return other


def events_between(catalog: EventCatalog, span: Segment) -> tuple[CatalogEvent, ...]:
    """The catalogued events of a span, by time."""
    found = persistently(lambda: catalog.events(span.start, span.stop))
    return tuple(sorted(found, key=lambda event: event.gps))


def _has_catalog(entry: Any) -> bool:
    provider = entry.provider
    return isinstance(provider, SegmentSourceProvider) and provider.catalog
