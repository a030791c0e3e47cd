"""The noise that signals are measured against: what was given for all of them, or each segment's own background."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from aframe_data.errors import DataQualityError, UsageError
from aframe_data.formats.psd import read_spectra, write_spectra
from aframe_data.places import place
from aframe_data.psd.sources import find_sources, load_spectra
from aframe_data.psd.spectra import filtered_from

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from aframe_data.detection.acceptance import Acceptance
    from aframe_data.psd.sources import Source
    from aframe_data.timeslides.schedule import Schedule
    from aframe_data.types import WaveformRequest
    from aframe_data.work.unfinished import Unfinished

_logger = logging.getLogger(__name__)

#: Samples of the longest window; those of a spectrum have to fit into memory.
_LONGEST_WINDOW = 2**27


@dataclass(frozen=True)
class NoiseUnit:
    """Spectra for signals of a request, and the file to keep them in."""

    given: tuple[str, ...]
    acceptance: Acceptance
    request: WaveformRequest
    path: Path

    def __str__(self) -> str:
        return f"the noise of {', '.join(self.given)}"


def estimate_noise(unit: NoiseUnit) -> float | None:
    """Load the spectra, or estimate them from background, unless they are there.

    Returns
    -------
    float or None
        The frequency (Hz), in the band, from which on a filter has left less noise than a detector has.

    Raises
    ------
    UsageError
        A file or curve does not cover the band.
    DataQualityError
        Background holds samples that are not finite, or is silent somewhere in the band.
    """
    grid = unit.acceptance.grid(unit.request)
    try:
        spectra = read_spectra(unit.path)
    except (DataQualityError, OSError):
        spectra = load_spectra(unit.given, unit.acceptance.ifos, grid)
        write_spectra(unit.path, spectra, {})
    counted = grid.band.mask(grid.frequencies, grid.sample_rate)
    found = [filtered_from(grid.frequencies, density, counted) for density in spectra.values]
    return min((frequency for frequency in found if frequency is not None), default=None)


@dataclass(frozen=True, eq=False)
class GivenNoise:
    """The same for all signals: files or curves, as the user named them.

    Attributes
    ----------
    given
        Each for all interferometers that have none of their own, or as ``H1=…`` for one.
    acceptance, request
        The interferometers and the band, and the window.
    exact_df
        Whether files of spectra at other frequencies than the window's are refused, as Aframe does, and not
        interpolated.
    """

    given: tuple[str, ...]
    acceptance: Acceptance
    request: WaveformRequest
    exact_df: bool = False

    by_segment: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.request.size > _LONGEST_WINDOW:
            raise UsageError(
                f"waveform_duration = {self.request.duration:g} times sample_rate = {self.request.sample_rate:g} is "
                f"{self.request.size:.3g} samples, only windows of at most {_LONGEST_WINDOW} are allowed."
            )

    @cached_property
    def _sources(self) -> Mapping[str, Source]:
        sources = find_sources(self.given, self.acceptance.ifos, self.acceptance.grid(self.request))
        self._tell_other_df(sources.values())
        return sources

    def _tell_other_df(self, sources: Iterable[Source]) -> None:
        """Say, once for each file, that it has other frequencies than the window; or refuse it."""
        df = 1 / self.request.duration
        for text, other in {source.given: source.other_df for source in sources}.items():
            if other is None:
                continue
            if self.exact_df:
                raise UsageError(
                    f"PSD {text!r} has df = {other:.10g} Hz, and 1 / waveform_duration is {df:.10g} Hz: estimate it "
                    f"with `aframe-data psd --fft-length {self.request.duration:.10g}`."
                )
            _logger.warning("PSD %r is interpolated, from df = %.10g Hz to %.10g Hz.", text, other, df)

    @property
    def identity(self) -> dict[str, Any]:
        """What the spectra are a function of: content, and names of curves."""
        return {"psd": {ifo: source.identity for ifo, source in self._sources.items()}}

    @property
    def record(self) -> dict[str, Any]:
        """What the provenance keeps: what was given, and what it is."""
        return {"psd": {ifo: source.record for ifo, source in self._sources.items()}}

    @property
    def inputs(self) -> list[Path]:
        """What was given that may be a file."""
        texts = (text for given in self.given for text in (given, given.partition("=")[2]))
        return [place(text) for text in texts if text]

    def unit(self, unfinished: Unfinished, segment: int) -> NoiseUnit:
        """What makes the spectra that count in a segment, among the unfinished work: the same for each."""
        del segment
        assert self._sources  # noqa: S101 - what is wrong with what was given is told here, and not by a worker
        return NoiseUnit(self.given, self.acceptance, self.request, unfinished.unit(0, "noise"))


@dataclass(frozen=True, eq=False)
class OwnNoise:
    """Of each segment of background, its own.

    Attributes
    ----------
    schedule
        Whose background it is.
    acceptance, request
        As for `GivenNoise`.
    """

    schedule: Schedule
    acceptance: Acceptance
    request: WaveformRequest

    #: Whether segments may differ in it.
    by_segment: ClassVar[bool] = True

    @property
    def identity(self) -> dict[str, Any]:
        """What the spectra are a function of: names and content of the files."""
        return {
            "background": [
                {"file": file.path.name, "span": [file.span.start, file.span.stop], "content_sha256": file.written_hash}
                for file in self.schedule.backgrounds
            ]
        }

    @property
    def record(self) -> dict[str, Any]:
        """What the provenance keeps."""
        return self.identity

    @property
    def inputs(self) -> list[Path]:
        """The files."""
        return [file.path for file in self.schedule.backgrounds]

    def unit(self, unfinished: Unfinished, segment: int) -> NoiseUnit:
        """What makes the spectra that count in a segment, among the unfinished work."""
        given = (str(self.schedule.backgrounds[segment].path),)
        return NoiseUnit(given, self.acceptance, self.request, unfinished.unit(segment, "noise"))


Noise = GivenNoise | OwnNoise


def given_texts(psd: Any) -> tuple[str, ...]:
    """What was given, a mapping of interferometers too, as texts: ``H1=…``."""
    return tuple(f"{ifo}={text}" for ifo, text in psd.items()) if isinstance(psd, Mapping) else tuple(psd)
