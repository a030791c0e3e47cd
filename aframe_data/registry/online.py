"""Asking archives one small question each: whether they can be reached from here, and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from aframe_data.errors import AframeDataError, AuthenticationError, NoDataError
from aframe_data.plugin.protocols import Pinged
from aframe_data.plugin.records import ArchiveProvider, SegmentSourceProvider
from aframe_data.registry.choice import choose
from aframe_data.types import SegmentQuery, StrainRequest

if TYPE_CHECKING:
    from aframe_data.registry.names import Registered

Verdict = Literal["reachable", "needs authentication", "failed", "not asked"]

#: Hertz, which every archive of strain has.
_RATE = 256


@dataclass(frozen=True)
class Reached:
    """What came of a question.

    Attributes
    ----------
    verdict
        ``"not asked"`` where there is nothing to ask: the provider has no archive, or must be told something.
    reason
        One line; empty where an archive can be reached.
    """

    verdict: Verdict
    reason: str = ""


def reach(entry: Registered) -> Reached:
    """Ask the archive behind a segment source or a strain fetcher, with the default options of its provider."""
    provider = entry.provider
    if not isinstance(provider, ArchiveProvider):
        return Reached("not asked", "it has no archive")
    try:
        source = choose(provider.kind, entry.key).create()
    except AframeDataError as error:
        needed = any(spec.required for spec in provider.option_specs)
        return Reached("not asked" if needed else "failed", str(error))
    if not isinstance(source, Pinged) and provider.example is None:
        return Reached("not asked", "its record has no example")
    try:
        _ask(source, provider)
    except AuthenticationError as error:
        return Reached("needs authentication", str(error))
    except NoDataError:
        pass  # it answered
    except AframeDataError as error:
        return Reached("failed", str(error))
    return Reached("reachable")


def _ask(source: Any, provider: ArchiveProvider) -> None:
    if isinstance(source, Pinged):
        source.ping()
    elif provider.example is not None:
        name, gps = provider.example
        if isinstance(provider, SegmentSourceProvider):
            source.query(SegmentQuery(name, gps, gps + 1))
        else:
            source.fetch(StrainRequest((name,), gps, gps + 1, _RATE))
