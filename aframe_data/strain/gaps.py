"""What becomes of strain that is missing or should not be used: no file, a file on either side, or zeros."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aframe_data.errors import DataQualityError, unknown_name
from aframe_data.requests.fetch import FAIL, SHORTEST, SPLIT
from aframe_data.segments import arithmetic
from aframe_data.strain.masks import is_set
from aframe_data.strain.runs import true_runs
from aframe_data.types import BitMask, Flaw, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

#: Continuous waves are injected for whole observing runs, below what a search of transients can see.
_CONTINUOUS = re.compile(r"(.*_)?CW(_.*)?")
#: Spans of each kind that a message names.
_SHOWN = 3


@dataclass(frozen=True)
class Gaps:
    """What should not be used, and what becomes of it.

    Attributes
    ----------
    policy
        ``"fail"``, ``"split"`` (a file for each good stretch) or ``"fill"`` (with zeros).
    require_bits
        Names of bits, of the quality masks or the injection masks, that must be set.
    exclude_hardware_injections
        Whether seconds with hardware injections of transients should not be used.
    shortest
        Seconds of a good stretch that are worth a file.
    """

    policy: str = FAIL
    require_bits: tuple[str, ...] = ()
    exclude_hardware_injections: bool = False
    shortest: float = SHORTEST


@dataclass(frozen=True)
class Verdict:
    """What is made of one span.

    Attributes
    ----------
    kept
        A file for each.
    dropped
        Good stretches that are too short for one.
    filled
        For each interferometer, the whole seconds in which zeros are put.
    """

    kept: tuple[Segment, ...]
    dropped: tuple[Segment, ...]
    filled: Mapping[str, tuple[Segment, ...]]


def judge(gaps: Gaps, span: Segment, flaws: Mapping[str, Sequence[Flaw]], rate_changes: Mapping[float, str]) -> Verdict:
    """Decide what is made of a span.

    Parameters
    ----------
    span
        Of all interferometers.
    flaws
        Of each of them.
    rate_changes
        Times at which the rate of an archive changes, with a sentence on each.

    Raises
    ------
    DataQualityError
        Something is wrong, and the policy is to fail.
    """
    if gaps.policy == FAIL and any(flaws.values()):
        raise DataQualityError(_told(span, flaws))
    if gaps.policy != SPLIT and rate_changes:
        raise DataQualityError(f"{next(iter(rate_changes.values()))} --gaps split makes a file on each side.")
    bad = {ifo: arithmetic.outward(found) for ifo, found in flaws.items()}
    if gaps.policy != SPLIT:
        return Verdict((span,), (), bad)
    good = arithmetic.subtract([span], [segment for segments in bad.values() for segment in segments])
    pieces = [piece for stretch in good for piece in arithmetic.cut(stretch, sorted(rate_changes))]
    kept = tuple(piece for piece in pieces if piece.duration >= gaps.shortest)
    return Verdict(kept, tuple(piece for piece in pieces if piece not in kept), {})


def mask_flaws(
    gaps: Gaps, ifo: str, start: float, quality: BitMask | None, injections: BitMask | None
) -> tuple[Flaw, ...]:
    """Seconds in which a bit is off that has to be set.

    Parameters
    ----------
    start
        GPS time of the masks' first second.

    Raises
    ------
    UsageError
        The masks have no bit of that name.
    DataQualityError
        Bits are required, and there is no mask to look at.
    """
    found: list[Flaw] = []
    masks = [mask for mask in (quality, injections) if mask is not None]
    for name in gaps.require_bits:
        if not masks:
            raise DataQualityError(f"the archive has no masks for {ifo}, but bit {name!r} is required.")
        mask = next((mask for mask in masks if name in mask.bits), None)
        if mask is None:
            raise unknown_name(f"bit of {ifo}", name, [bit for mask in masks for bit in mask.bits])
        found += _off(mask, name, start, f"with bit {name} off")
    if gaps.exclude_hardware_injections:
        if injections is None:
            raise DataQualityError(
                f"the archive has no mask of hardware injections for {ifo}, but these are to be excluded."
            )
        for name in injections.bits:
            if not _CONTINUOUS.fullmatch(name):
                found += _off(injections, name, start, f"with a hardware injection ({name} off)")
    return tuple(found)


def _off(mask: BitMask, name: str, start: float, reason: str) -> Iterator[Flaw]:
    for first, last in true_runs(~is_set(mask, mask.bits.index(name))).tolist():
        yield Flaw(start + first, start + last, reason)


def _told(span: Segment, flaws: Mapping[str, Sequence[Flaw]]) -> str:
    """One sentence on all flaws of a span, and what can be done."""
    told = []
    for ifo, found in flaws.items():
        for reason in dict.fromkeys(flaw.reason for flaw in found):
            spans = [flaw for flaw in found if flaw.reason == reason]
            seconds = math.fsum(flaw.span.duration for flaw in spans)
            # Segments print as whole seconds do; a single sample needs all digits.
            first = ", ".join(f"[{flaw.start:.16g}, {flaw.stop:.16g})" for flaw in spans[:_SHOWN])
            more = f" and {len(spans) - _SHOWN} more" if len(spans) > _SHOWN else ""
            told.append(f"{ifo} has {seconds:.4g} s {reason} in {span}: {first}{more}")
    return f"{'; '.join(told)}. --gaps split leaves them out, --gaps fill puts zeros there."
