"""Asking segment sources: each flag goes to those that accept it, one after the other until one answers."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from aframe_data.errors import NoDataError, PluginError, TransientError, UsageError
from aframe_data.plugin.records import SegmentSourceProvider
from aframe_data.redaction import redacted
from aframe_data.registry.candidates import each_once
from aframe_data.registry.choice import assign_options
from aframe_data.registry.names import registered
from aframe_data.reports.query import FlagReport
from aframe_data.retries import in_order, persistently
from aframe_data.segments import arithmetic
from aframe_data.types import Segment, SegmentQuery, SegmentResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from aframe_data.plugin.protocols import EventCatalog
    from aframe_data.progress import Advance
    from aframe_data.registry.choice import Choice
    from aframe_data.segments.arithmetic import Segments
    from aframe_data.segments.veto_definer import Veto
    from aframe_data.types import CatalogEvent

_logger = logging.getLogger(__name__)


class Sources:
    """The sources of some flags, made at once, so that what cannot be used is told before the first question.

    Parameters
    ----------
    choices
        Those that are asked for each flag, in order.
    window
        The span to ask for.
    span
        The span that reports are about.
    advance
        Is called for each answer.
    """

    def __init__(
        self, choices: Mapping[str, Sequence[Choice]], window: Segment, span: Segment, advance: Advance
    ) -> None:
        self._choices, self._window, self._span, self._advance = choices, window, span, advance
        self._sources: dict[str, Any] = {choice.key: choice.create() for choice in each_once(choices)}

    def active(self, flag: str, *, excluded: bool = False) -> tuple[Segments, FlagReport]:
        """Where a flag is active in the window."""
        return self._answer(flag, *self._ask(flag, self._window), excluded=excluded)

    def vetoed(self, veto: Veto) -> tuple[Segments, FlagReport]:
        """What a row of a veto definer takes out of the window; nothing where its flag is not known there."""
        asked = veto.asked(self._window)
        if asked is None:
            raise ValueError(f"{veto.flag} does not apply in {self._window}")
        try:
            key, result = self._ask(veto.flag, asked)
        except NoDataError as error:
            _logger.warning("nothing is excluded for %s: %s", veto.flag, error)
            key, result = " ".join(choice.key for choice in self._choices[veto.flag]), SegmentResult((), ())
        known = None if result.known is None else arithmetic.intersect(result.known, [veto.valid])
        inside = SegmentResult(veto.vetoed(result.active), known, result.origin)
        return self._answer(veto.flag, key, inside, excluded=True, category=veto.category)

    def _answer(
        self, flag: str, key: str, result: SegmentResult, *, excluded: bool, category: int | None = None
    ) -> tuple[Segments, FlagReport]:
        self._advance(1)
        inside = arithmetic.intersect(result.active, [self._window])
        active = self._seconds(inside)
        known = None if result.known is None else self._seconds(result.known)
        return inside, FlagReport(flag, key, redacted(str(result.origin)), active, known, excluded, category)

    def _seconds(self, segments: Iterable[Segment]) -> float:
        return arithmetic.livetime(arithmetic.intersect(segments, [self._span]))

    def _ask(self, flag: str, span: Segment) -> tuple[str, SegmentResult]:
        """The key of the first source that knows a flag, and its answer; errors as `aframe_data.retries.in_order`."""
        question = SegmentQuery(flag, span.start, span.stop)
        asks = {choice.key: partial(self._query, choice, question) for choice in self._choices[flag]}
        try:
            key, result = in_order(asks)
        except TransientError as error:
            message = f"{error} Nothing was written; the same command asks again."
            raise TransientError(message, error.retry_after) from error
        if not isinstance(result, SegmentResult):
            raise PluginError(f"segment source {key!r} must answer with a SegmentResult, not {result!r}.")
        return key, result

    def _query(self, choice: Choice, question: SegmentQuery) -> Any:
        with choice.at_work():
            return self._sources[choice.key].query(question)

    def catalog(self) -> EventCatalog:
        """The catalogue of the chosen sources, or else of any source that has one."""
        for choice in each_once(self._choices):
            if _has_catalog(choice):
                return cast("EventCatalog", self._sources[choice.key])
        known = [entry for entry in registered("segments") if entry.provider.automatic and _has_catalog(entry)]
        if not known:
            raise UsageError("--exclude-events needs a segment source with a catalogue of events, and none is there.")
        return cast("EventCatalog", assign_options(known[:1], {})[0].create())


def events_between(catalog: EventCatalog, span: Segment) -> tuple[CatalogEvent, ...]:
    """The catalogued events of a span, by time."""
    found = persistently(lambda: catalog.events(span.start, span.stop))
    return tuple(sorted(found, key=lambda event: event.gps))


def _has_catalog(entry: Any) -> bool:
    provider = entry.provider
    return isinstance(provider, SegmentSourceProvider) and provider.catalog
