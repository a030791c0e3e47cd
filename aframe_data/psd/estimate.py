"""The estimate of power spectral densities from background files, into one file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data.checks import require_unchanged
from aframe_data.errors import UsageError
from aframe_data.formats import background_names, psd
from aframe_data.places import place
from aframe_data.psd.background import StrainFile, estimate, open_strain
from aframe_data.psd.welch import expected_reads, segment_count
from aframe_data.reports.psd import PsdForecast, PsdReport
from aframe_data.requests.shared import paths_given
from aframe_data.store.identity import provenance
from aframe_data.store.output import RecordedFile
from aframe_data.types import PowerSpectra
from aframe_data.work.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aframe_data.requests.psd import EstimatePsd
    from aframe_data.store.identity import Identity
    from aframe_data.types import FloatArray
    from aframe_data.work.plan import Work


@dataclass(frozen=True)
class PsdUnit:
    """One interferometer of some background files."""

    files: tuple[StrainFile, ...]
    ifo: str
    fft_length: float

    def __str__(self) -> str:
        return f"the PSD of {self.ifo}"


def estimate_psd(unit: PsdUnit) -> FloatArray:
    """The densities."""
    return estimate(unit.files, unit.ifo, unit.fft_length)


def plan(request: EstimatePsd) -> PsdPlan:
    """Plan an estimate; background files are looked at when their strain is asked for."""
    output = place(request.output_file)
    if output.suffix == ".hdf5" and output.parent.resolve() in [path.resolve() for path in paths_given(request.files)]:
        raise UsageError(
            f"output_file = {str(output)!r} is in the folder of the background, where every .hdf5 file is read as "
            "background: name another folder."
        )
    return PsdPlan(request)


@dataclass(frozen=True, eq=False)
class PsdPlan(Plan[PsdReport]):
    """An estimate from background files."""

    request: EstimatePsd

    @property
    def path(self) -> Path:
        """Where to."""
        return place(self.request.output_file)

    @property
    def outputs(self) -> Sequence[RecordedFile]:
        """The one file."""
        return (RecordedFile(self.path, psd.read_record),)

    @cached_property
    def inputs(self) -> Sequence[Path]:
        """The background files that were named, and those of folders."""
        given = paths_given(self.request.files)
        return [file for path in given for file in (background_names.files_of(path) if path.is_dir() else [path])]

    @cached_property
    def files(self) -> tuple[StrainFile, ...]:
        """The background files, by start."""
        return _open_all(self.inputs, self.request.fft_length)

    @cached_property
    def ifos(self) -> tuple[str, ...]:
        """The interferometers, sorted."""
        return _choose_ifos(self.files, self.request.ifos)

    @property
    def size(self) -> int:
        """Samples of one segment."""
        return self.files[0].segment_size(self.request.fft_length)

    @property
    def segments(self) -> int:
        """Number of segments, overlapping by half, of each interferometer."""
        return sum(segment_count(file.length, self.size) for file in self.files)

    @property
    def nbytes(self) -> int:
        """Bytes of the output, but for its provenance."""
        return len(self.ifos) * (self.size // 2 + 1) * np.dtype(np.float64).itemsize

    @cached_property
    def identity(self) -> Identity:
        """What the output is a function of; a background file without a hash is read for it."""
        return {
            "command": self.request.command,
            "ifos": list(self.ifos),
            "fft_length": self.request.fft_length,
            "method": self._method,
            "strain": [file.identity(self.size) for file in self.files],
        }

    @property
    def _method(self) -> dict[str, Any]:
        return {"window": "hann", "overlap": 0.5, "average": "median", "segments": self.segments}

    def forecast(self, work: Work) -> PsdForecast:
        """Say what would be estimated."""
        del work
        return PsdForecast(
            self.path,
            self.ifos,
            self.request.fft_length,
            num_files=len(self.files),
            livetime=sum(file.span.duration for file in self.files),
            segments=self.segments,
            nbytes=self.nbytes,
        )

    @property
    def modules(self) -> Sequence[str]:
        """What its units import."""
        return ("aframe_data.psd.estimate", "scipy.signal")

    def make(self, work: Work) -> PsdReport:
        """Estimate each interferometer by itself.

        Raises
        ------
        DataQualityError
            Strain is not finite or stands still, or a file is damaged.
        """
        units = [PsdUnit(self.files, ifo, self.request.fft_length) for ifo in self.ifos]
        progress = work.phase("estimating PSDs", len(units) * expected_reads(self.segments, self.size))
        values = np.stack([outcome.value for outcome in work.engine.run(estimate_psd, units, advance=progress)])
        frequencies = np.arange(values.shape[1]) / self.request.fft_length
        spectra = PowerSpectra(self.ifos, frequencies, values, self._record())
        psd.write_spectra(self.path, spectra, spectra.record)
        return PsdReport(self.path, spectra, self.segments, present=False)

    def recall(self, work: Work) -> PsdReport:
        """Check the output that is there."""
        del work
        require_unchanged(self.path, intact=psd.summarize(self.path).intact is not False)
        return PsdReport(self.path, psd.read_spectra(self.path), self.segments, present=True)

    def _record(self) -> dict[str, Any]:
        given = [str(path) for path in paths_given(self.request.files)]
        return provenance(
            {**self.request.arguments, "files": given, "ifos": list(self.ifos)},
            self.identity,
            method=self._method,
            strain=[file.describe(self.size) for file in self.files],
        )


def _open_all(paths: Sequence[Path], fft_length: float) -> tuple[StrainFile, ...]:
    """The files by their start, each fit for segments of that length, of one rate, and disjoint."""
    files = sorted(map(open_strain, paths), key=lambda file: file.span)
    first = files[0]
    for file in files:
        if file.sample_rate != first.sample_rate:
            raise UsageError(
                f"{first.path} has a sample rate of {first.sample_rate:g} Hz and {file.path} of "
                f"{file.sample_rate:g} Hz: one PSD needs one rate."
            )
        file.segment_size(fft_length)
    for earlier, later in pairwise(files):
        if later.span.start < earlier.span.stop:
            raise UsageError(f"{earlier.path} and {later.path} hold the same time: give each once.")
    return tuple(files)


def _choose_ifos(files: Sequence[StrainFile], asked: Sequence[str] | None) -> tuple[str, ...]:
    """The interferometers that were asked for, or those of the first file; every file has them."""
    chosen = tuple(sorted(set(asked))) if asked else files[0].ifos
    for file in files:
        if not asked and file.ifos != chosen:
            raise UsageError(
                f"{files[0].path} holds {', '.join(chosen)}, and {file.path} {', '.join(file.ifos)}: choose with "
                "--ifos."
            )
        missing = [ifo for ifo in chosen if ifo not in file.ifos]
        if missing:
            raise UsageError(f"{file.path} holds {', '.join(file.ifos)}, not {', '.join(missing)}: see --ifos.")
    return chosen
