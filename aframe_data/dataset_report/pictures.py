"""The pictures of the page, each with a sentence below it; what cannot be drawn is left out.

What they show is found here; only the workers, which draw them at the end, import matplotlib.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.dataset_report.signals import telling_parameters
from aframe_data.errors import AframeDataError
from aframe_data.figures.quantities import (
    DETECTOR_MASSES,
    FEWEST_FOR_CONTOURS,
    SOURCE_MASSES,
    are_binaries,
    quantities_of,
)
from aframe_data.formats import ledger
from aframe_data.formats.ledger_samples import sample_parameters
from aframe_data.formats.record_parts import mapping_in, records_of
from aframe_data.formats.segwizard import read_segments
from aframe_data.inspection.examples import chosen_examples
from aframe_data.reports.dataset import CAMPAIGN, ROLES, TRAINING
from aframe_data.types import Segment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from aframe_data.dataset_report.album import Album
    from aframe_data.dataset_report.examination import Examination
    from aframe_data.dataset_report.noise import Noise
    from aframe_data.figures.quantities import Quantity
    from aframe_data.reports.dataset import SegmentsFacts, SignalsFacts
    from aframe_data.types import FloatArray

#: Signals whose parameters are drawn, and SNRs that are counted, at even steps of what there is.
_MOST_SIGNALS, _MOST_SNRS = 50_000, 2_000_000
#: Stretches of strain whose changes are worth a picture.
_FEWEST_STRETCHES = 3
#: What has a logarithm.
_POSITIVE = ("mass_1", "mass_2", "redshift", "snr")
#: Where the functions are that draw them.
MODULES = ("aframe_data.figures.dataset", "aframe_data.figures.psd", "aframe_data.figures.waveforms")
_DATASET, _PSD, _WAVEFORMS = MODULES


def draw_segments(
    album: Album, facts: SegmentsFacts, path: Path, files: Sequence[Segment], lines: Mapping[str, Sequence[Segment]]
) -> None:
    """A line of time of a segments file, with the files that cover it and what is wrong with them."""
    if facts.span is None:
        return
    span = Segment(*facts.span)
    rows = {"segments": read_segments(path), "background files": files, **lines}
    shown = {
        name: [one for one in spans if one.stop > span.start and one.start < span.stop] for name, spans in rows.items()
    }
    events = [event["gps"] for event in facts.events if span.start <= event["gps"] < span.stop]
    album.add(
        facts.name,
        f"{facts.name}: segments, the background files that cover them, and what was left out.",
        f"{_DATASET}:draw_coverage",
        span,
        shown,
        events,
    )


def draw_noise(album: Album, folder: str, noises: Mapping[str, Noise | None], span: Segment) -> None:
    """The band of the noise of all interferometers, and its changes in time of each."""
    known = {ifo: noise for ifo, noise in noises.items() if noise is not None}
    if not known:
        return
    first = next(iter(known.values()))
    bands = {ifo: one.band for ifo, one in known.items() if np.array_equal(one.frequencies, first.frequencies)}
    album.add(
        folder,
        "Amplitude spectral density: median in time, and the band from 5 to 95 % of the stretches.",
        f"{_DATASET}:draw_band",
        first.frequencies,
        bands,
    )
    for ifo, one in known.items():
        if one.stretches < _FEWEST_STRETCHES:
            continue
        changes = replace(one.changes, times=one.changes.times + (one.start - span.start))
        album.add(
            folder,
            f"{ifo}: amplitude in time, over its median. Where no strain was looked at, nothing is drawn.",
            f"{_DATASET}:draw_changes",
            span,
            changes,
        )


def draw_psd(album: Album, found: Examination) -> None:
    """The spectra of a PSD file, with the design sensitivities behind."""
    from aframe_data.formats import psd
    from aframe_data.psd.curves import design_curves

    try:
        spectra = psd.read_spectra(found.path)
    except AframeDataError:  # as its finding says
        return
    caption = "Amplitude spectral density: the values, their median in columns, and the design sensitivities in grey."
    album.add(found.name, caption, f"{_PSD}:draw_asds", spectra, design_curves(spectra.ifos))


def draw_signals(
    album: Album,
    facts: SignalsFacts,
    found: Examination,
    rejected: Examination | None,
    priors: Mapping[str, Examination],
) -> None:
    """Masses as detectors see them and as sources have them, or what other sources are; and how loud they are.

    Parameters
    ----------
    rejected
        The parameters that were rejected, if they are kept.
    priors
        Files of signals that nobody selected, by the text of their prior: what was drawn where that is not kept.
    """
    names = telling_parameters(found)
    own = _columns(found.path, names, _MOST_SIGNALS)
    unselected = priors.get(prior_of(found))
    drawn, whose = own, ""
    if rejected is not None:
        others = _columns(rejected.path, names, _MOST_SIGNALS)
        # Both at the same steps, or one would weigh more than the other.
        step = max(_step(facts.number, _MOST_SIGNALS), _step(facts.rejected or 0, _MOST_SIGNALS))
        fewer = _columns(found.path, names, max(facts.number // step, 1))
        shared = {*fewer} & {*others}
        drawn = {name: np.concatenate([fewer[name], others[name]]) for name in sorted(shared)}
        whose = ": signals in colour, all draws in grey"
    elif unselected is not None and unselected is not found:
        drawn, whose = (
            _columns(unselected.path, names, _MOST_SIGNALS),
            f": signals in colour, draws of the same prior in grey ({unselected.name})",
        )
    contours = " Contours contain 50 and 90 %." if facts.number >= FEWEST_FOR_CONTOURS else ""
    corners: Mapping[str, Sequence[Quantity]] = {"Parameters": quantities_of(names)}
    if are_binaries(names):
        corners = {
            "Masses in the detector frame, and redshift": DETECTOR_MASSES,
            "Masses in the source frame, and redshift": SOURCE_MASSES,
        }
    for shown, quantities in corners.items():
        album.add(
            found.name,
            f"{shown}{whose}.{contours}",
            f"{_DATASET}:draw_corner",
            own,
            drawn,
            quantities,
        )
    snr = _columns(found.path, ("snr",), _MOST_SNRS).get("snr")
    if snr is not None and len(snr) and (snr > 0).all():
        threshold = float(snr.min()) if facts.threshold is None else facts.threshold
        few = rejected is not None and (facts.rejected or 0) <= _MOST_SNRS and facts.number <= _MOST_SNRS
        below = _columns(rejected.path, ("snr",), _MOST_SNRS).get("snr") if rejected is not None and few else None
        grey = "" if below is None else " Rejected draws in grey, some of them with estimated SNRs."
        album.add(
            found.name,
            f"Network SNR above {threshold:g}, and the law for sources spread evenly in Euclidean space.{grey}",
            f"{_DATASET}:draw_snrs",
            snr,
            threshold,
            below,
        )
    if facts.role == CAMPAIGN and len(facts.slides) > 1:
        counts = np.array([slide.injections for slide in facts.slides], dtype=float)
        album.add(
            slides_of(found.name),
            "Injections of each slide, in the order of the shifts.",
            f"{_DATASET}:draw_counts",
            counts,
        )


def draw_examples(album: Album, signals: Sequence[tuple[SignalsFacts, Examination]]) -> str:
    """Four waveforms from light to heavy, of signals for training where there are any; the name of their file."""
    for facts, found in sorted(signals, key=lambda one: ROLES.index(one[0].role)):
        if not facts.number or "waveforms" not in found.facts:
            continue
        try:
            examples, request = chosen_examples(found.path, ledger.summarize(found.path, check=False))
        except AframeDataError:
            continue
        whose = "polarizations" if facts.role == TRAINING else "responses of the detectors"
        # gwpy, which makes the transforms, takes a second to import.
        album.add_together(
            "waveforms",
            f"{facts.name}: {whose} around t = 0, and the Q-transform of the loudest.",
            f"{_WAVEFORMS}:draw_example",
            [(example, request) for example in examples],
        )
        return facts.name
    return ""


def slides_of(name: str) -> str:
    """The subject of the pictures of a campaign's slides."""
    return f"slides of {name}"


def prior_of(found: Examination) -> str:
    """What tells a prior from others; empty where the record does not say it."""
    prior = mapping_in(next(records_of(found.record), {}), "prior")
    return repr(sorted(prior.items())) if prior else ""


def _step(number: int, most: int) -> int:
    return -(-number // most) or 1


def _columns(path: Path, names: Sequence[str], most: int) -> dict[str, FloatArray]:
    """Some parameters of some signals: of one dimension, finite, and masses above zero; none of a damaged file."""
    try:
        found = sample_parameters(path, most, names)
    except AframeDataError:
        return {}
    flat = {name: values.astype(float) for name, values in found.items() if values.ndim == 1}
    kept = [np.isfinite(values) & ((values > 0) | (name not in _POSITIVE)) for name, values in flat.items()]
    sound = np.logical_and.reduce(kept) if kept else np.zeros(0, dtype=bool)
    return {name: values[sound] for name, values in flat.items()}
