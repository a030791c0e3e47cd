"""What a background file holds: its span and rate, how loud it is, what its masks say, and where it came from."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data.formats import background, background_names
from aframe_data.formats.background_masks import read_masks
from aframe_data.formats.edits import edits
from aframe_data.formats.record_parts import mapping_in, mappings_in
from aframe_data.inspection.facts import asd_fact, span_facts
from aframe_data.outside import outside_text
from aframe_data.psd.background import read_outline
from aframe_data.psd.spectrogram import sampled_spectra
from aframe_data.reports.inspect import Inspection
from aframe_data.strain.masks import is_set

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from aframe_data.formats.background import BackgroundSummary
    from aframe_data.types import BitMask, FloatArray

#: Of strain that is not the archive's, lists of spans with a reason: cut out of the segment, or filled.
CHANGED = ("cut", "filled")
#: Bands, even in log f, in whose medians the smallest density is looked for.
_BANDS = 150


def read(path: Path, *, samples: bool = True) -> Inspection:
    """Read the masks, and all samples, unless these are somebody else's business."""
    found = background.summarize(path, check=samples)
    named = background_names.parse_file_name(path)
    problems = [f"{count} samples of {ifo} are not finite" for ifo, count in found.not_finite.items() if count]
    if found.intact is False:
        problems.append("the samples changed since they were written")
    if named is None:
        problems.append("the name is not PREFIX-START-DURATION.hdf5, which Aframe reads")
    elif named != found.segment:
        problems.append(f"the name says {named}, the content is {found.segment}")
    facts = {
        "ifos": list(found.ifos),
        **span_facts(found.segment),
        "duration": float(found.segment.duration),
        "sample_rate": found.sample_rate,
        "dtype": found.dtype,
        "strain": _strain(path, found) if samples else {ifo: _origin(log) for ifo, log in _logs(found).items()},
        **_masks(path),
        **{name: told for name in CHANGED if (told := _edits(found, name))},
        "intact": found.intact,
    }
    return Inspection(path, "background strain", facts, tuple(problems), found.record)


def _strain(path: Path, found: BackgroundSummary) -> dict[str, Any]:
    """What is known of each interferometer's strain; its noise from as much of it as a look needs."""
    spectra = sampled_spectra(read_outline(path))
    return {
        ifo: _origin(log) | asd_fact(*_smoothed(spectra.frequencies, spectra.of(ifo)))
        for ifo, log in _logs(found).items()
    }


def _logs(found: BackgroundSummary) -> dict[str, Mapping[str, Any]]:
    """What the record tells of each interferometer's strain; what it has instead is not believed."""
    return {ifo: mapping_in(mapping_in(found.record, "strain"), ifo) for ifo in found.ifos}


def _smoothed(frequencies: FloatArray, density: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Medians of bands: of an estimate from few segments the smallest value is the luckiest one."""
    edges = np.searchsorted(frequencies, np.geomspace(frequencies[1], frequencies[-1], _BANDS + 1))
    bands = [slice(low, high) for low, high in pairwise(edges) if low < high]
    middles = np.array([np.sqrt(frequencies[band][0] * frequencies[band][-1]) for band in bands])
    return middles, np.array([np.median(density[band]) for band in bands])


def _origin(log: Mapping[str, Any]) -> dict[str, Any]:
    """Of what `fetch` keeps: the archive's channel and rate, and how many pieces came from each source."""
    told = {name: log[name] for name in ("channel", "native_sample_rate") if name in log}
    pieces = Counter(outside_text(piece.get("source")) for piece in mappings_in(log, "pieces"))
    return told | ({"pieces": dict(pieces)} if pieces else {})


def _edits(found: BackgroundSummary, name: str) -> list[dict[str, Any]]:
    return [
        {"ifo": edit.ifo or None, "start": edit.span.start, "stop": edit.span.stop, "reason": edit.reason or None}
        for edit in edits(found.record, name)
    ]


def _masks(path: Path) -> dict[str, Any]:
    """Seconds for which each bit of each mask is set, and how many there are."""
    return {
        name: {ifo: {"seconds": len(mask.values), "set": _set(mask)} for ifo, mask in masks.items()}
        for name, masks in read_masks(path).items()
    }


def _set(mask: BitMask) -> dict[str, int]:
    return {bit: int(np.count_nonzero(is_set(mask, number))) for number, bit in enumerate(mask.bits)}
