"""A picture of a file: what a physicist looks at first."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data.errors import UsageError
from aframe_data.figures.quantities import MOST_SIGNALS
from aframe_data.formats import ledger, psd, segwizard
from aframe_data.formats.kinds import kind_of
from aframe_data.formats.ledger_samples import sample_parameters
from aframe_data.formats.record_parts import mappings_in
from aframe_data.inspection import segments
from aframe_data.inspection.examples import chosen_examples, loudness
from aframe_data.inspection.strain_lines import lines_of
from aframe_data.psd.background import open_strain
from aframe_data.psd.curves import design_curves

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aframe_data.formats.kinds import Kind
    from aframe_data.reports.inspect import Inspection
    from aframe_data.requests.inspect import Inspect

#: Bars of flags; a query of more is hardly of detectors.
_MOST_FLAGS = 8


def draw(request: Inspect, report: Inspection, picture: Path) -> None:
    """Draw what is in the file that was inspected.

    Of strain the spectra and a spectrogram, with its masks; of segments a timeline and their durations; of waveforms
    some of them with their Q-transforms, and the SNRs; of parameters a corner plot; of spectra the spectra.

    Parameters
    ----------
    request
        Whether the parameters of waveforms are drawn instead.
    report
        What the file is.
    picture
        The picture: png, pdf or svg.

    Raises
    ------
    UsageError
        The file is of no format known here; the picture's name has another suffix.
    DataQualityError
        The file cannot be read.
    AframeDataError
        The picture cannot be written.
    """
    signals = partial(_draw_signals, parameters=request.parameters)
    drawers: dict[str, Callable[[Path, Path], None]]
    drawers = {"text": _draw_segments, "psd": _draw_spectra, "ledger": signals}
    drawers.get(kind_of(report.path), _draw_strain)(report.path, picture)


def require_drawable(path: Path, kind: Kind, *, parameters: bool) -> None:
    """Check that a file of some kind holds what a picture is drawn of.

    Raises
    ------
    UsageError
        It does not.
    """
    if parameters and kind != "ledger":
        raise UsageError(f"{str(path)!r} has no parameters of signals to draw: leave --parameters out.")
    if kind == "text" and not segwizard.read_segments(path):
        raise UsageError(f"{str(path)!r} holds no segments: there is nothing to draw.")
    if kind == "ledger" and not ledger.summarize(path, check=False).attributes.get("length"):
        raise UsageError(f"{str(path)!r} holds no signals: there is nothing to draw.")


def _draw_segments(path: Path, picture: Path) -> None:
    from aframe_data.figures.segments import draw_segments

    record: dict[str, Any] = segwizard.read_record(path) or {}
    # What was taken out is seldom more than a hair's breadth of the span.
    flags = [flag for flag in segments.flags(record) if not flag["excluded"]]
    draw_segments(
        picture,
        segwizard.read_segments(path),
        span=segments.asked_span(record),
        flags={flag["flag"]: (flag["active"], flag["known"]) for flag in flags[:_MOST_FLAGS]},
        events=[gps for event in mappings_in(record, "events") if isinstance(gps := event.get("gps"), (int, float))],
        title=path.name,
    )


def _draw_spectra(path: Path, picture: Path) -> None:
    from aframe_data.figures.psd import draw_asds

    spectra = psd.read_spectra(path)
    draw_asds(picture, spectra, references=design_curves(spectra.ifos), title=path.name)


def _draw_strain(path: Path, picture: Path) -> None:
    from aframe_data.figures.psd import first_frequency
    from aframe_data.figures.strain import draw_strain
    from aframe_data.psd.spectrogram import make_spectrogram, sampled_spectra

    file = open_strain(path)
    spectra = sampled_spectra(file)
    first = first_frequency(file.sample_rate / 2, float(spectra.frequencies[1]))
    draw_strain(
        picture,
        file.span,
        spectra,
        {ifo: make_spectrogram(file, ifo, first) for ifo in file.ifos},
        lines=lines_of(path, file.ifos, file.span),
        references=design_curves(file.ifos),
        title=path.name,
    )


def _draw_signals(path: Path, picture: Path, *, parameters: bool) -> None:
    from aframe_data.figures.titles import signals_title, snr_threshold

    found = ledger.summarize(path, check=False)
    number = int(found.attributes["length"])
    threshold = snr_threshold(found.record)
    title = signals_title(path.name, number, found.record, found.parameters)
    if parameters or not found.waveforms:
        from aframe_data.figures.parameters import draw_parameters

        values = sample_parameters(path, MOST_SIGNALS)
        finite = {name: column for name, column in values.items() if np.isfinite(column).all()}
        draw_parameters(picture, finite, number=number, snr_threshold=threshold, title=title)
        return
    from aframe_data.figures.waveforms import draw_waveforms

    examples, request = chosen_examples(path, found)
    draw_waveforms(picture, examples, request, loudness=loudness(path, found, threshold), title=title)
