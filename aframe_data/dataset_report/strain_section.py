"""The section about strain: noise, sources, gaps and masks of each folder of background."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.dataset_report.html import Html, element, facts, figures, join, table
from aframe_data.dataset_report.words import counted, ends, seconds
from aframe_data.sizes import format_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aframe_data.dataset_report.album import Album
    from aframe_data.reports.dataset import DatasetReport, DetectorFacts, StrainFacts

#: Hz at which the noise is told in numbers.
_FREQUENCIES = (30, 60, 100, 300, 1000)


def strain(report: DatasetReport, album: Album) -> Html:
    """Noise, sources, gaps and masks of each folder of background."""
    return join(_strain(one, album) for one in report.strain)


def psds(report: DatasetReport, album: Album) -> Html:
    """The spectra of each PSD file."""
    names = [file.name for file in report.files if file.kind == "PSD" and album.of(file.name)]
    return join(join([element("h3", name), figures(album.of(name))]) for name in names)


def _strain(one: StrainFacts, album: Album) -> Html:
    lost = sum(stop - start for start, stop in one.missing)
    rows = [
        *ends(one.span),
        ("files", f"{one.number:,}, {format_bytes(one.nbytes)}"),
        ("seconds covered", seconds(one.livetime)),
        ("sample rate", ", ".join(f"{rate:.10g} Hz" for rate in one.sample_rates)),
        ("samples", ", ".join(one.dtypes)),
        ("compared with", one.segments or "no segments"),
        ("missing", seconds(lost) if one.missing else ("nothing" if one.segments else None)),
    ]
    looked = [detector for detector in one.detectors if detector.stretches]
    how = ""
    if looked:
        first = looked[0]
        how = element(
            "p",
            f"Up to {max(detector.stretches for detector in looked)} stretches of {first.stretch_seconds:g} s were "
            "read, evenly spaced, and the strain between them was not. Each gives the median of FFTs of "
            f"{first.fft_seconds:g} s that overlap by half, averaged in bins evenly spaced in log frequency.",
            class_="faint",
        )
    title = one.folder or "background"
    pictures = figures(album.of(one.folder))
    return join([element("h3", title), facts(rows), pictures, how, _noise(looked), _origins(one), _masks(one)])


def _noise(detectors: Sequence[DetectorFacts]) -> Html:
    """The amplitude spectral density in numbers."""
    if not detectors:
        return Html("")
    rows = []
    for frequency in _FREQUENCIES:
        told = [_density(detector, frequency) for detector in detectors]
        if any(told):
            rows.append((f"near {frequency} Hz", *told))
    best = [detector.quietest for detector in detectors]
    rows.append(("quietest", *(f"{one[1]:.3g} at {one[0]:.4g} Hz" if one else "" for one in best)))
    said = element("p", "Amplitude spectral density in 1/√Hz: median, and in brackets from 5 to 95 %.")
    return join([said, table(("", *(detector.ifo for detector in detectors)), rows)])


def _density(detector: DetectorFacts, frequency: float) -> str:
    """The amplitude spectral density in the column of a frequency; empty where there is none."""
    index = min(range(len(detector.frequencies)), key=lambda k: abs(detector.frequencies[k] - frequency))
    if abs(detector.frequencies[index] / frequency - 1) > 0.1:
        return ""
    return f"{detector.median[index]:.3g} ({detector.low[index]:.3g} to {detector.high[index]:.3g})"


def _origins(one: StrainFacts) -> Html:
    rows = [
        (
            detector.ifo,
            ", ".join(detector.channels),
            ", ".join(f"{rate:g} Hz" for rate in detector.native_sample_rates),
            source,
            origin,
            counted(number, "piece"),
        )
        for detector in one.detectors
        for source, origin, number in detector.sources
    ]
    columns = ("detector", "channel", "archive's rate", "source", "origin", "pieces")
    return join([element("h4", "Sources"), table(columns, rows)]) if rows else Html("")


def _masks(one: StrainFacts) -> Html:
    edited = [
        (detector.ifo, kind, reason, seconds(length))
        for detector in one.detectors
        for kind, reasons in detector.edits.items()
        for reason, length in reasons.items()
    ]
    masks = [
        (detector.ifo, name, ", ".join(bits), seconds(number), seconds(has - number))
        for detector in one.detectors
        for name, (has, groups) in _by_seconds(detector).items()
        for number, bits in groups.items()
    ]
    parts = []
    if edited:
        parts += [element("h4", "Gaps"), table(("detector", "what", "reason", "seconds"), edited, numbers=(3,))]
    if masks:
        columns = ("detector", "mask", "bits", "set", "not set")
        parts += [element("h4", "Masks"), table(columns, masks, numbers=(3, 4))]
    return join(parts)


def _by_seconds(detector: DetectorFacts) -> dict[str, tuple[int, dict[int, list[str]]]]:
    """Of each mask its seconds, and the bits by the seconds for which they are set: most are set for all."""
    told = {}
    for name, mask in detector.masks.items():
        groups: dict[int, list[str]] = {}
        for bit, number in mask.items():
            if bit != "seconds":
                groups.setdefault(number, []).append(bit.removeprefix("bit "))
        told[name] = (mask["seconds"], dict(sorted(groups.items())))
    return told
