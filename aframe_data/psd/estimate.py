"""The estimate of power spectral densities from background files, into one file. Here is the interface."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data import checks
from aframe_data.errors import DataQualityError, UsageError
from aframe_data.formats import psd
from aframe_data.psd.background import StrainFile, estimate, open_strain
from aframe_data.psd.welch import segment_count
from aframe_data.store import provenance
from aframe_data.store.atomic import (
    make_folder,
    remove_leftovers,
    require_replaceable,
    require_space,
    require_writable_folder,
)
from aframe_data.types import Phase, PowerSpectra, silent

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class PsdPlan:
    """What will be estimated; all that can be checked without reading strain has been checked.

    Attributes
    ----------
    files
        The background files, by start.
    ifos
        The interferometers, sorted.
    fft_length
        Seconds of one segment.
    output_file
        Where to.
    present
        Whether the output is there already, made by the same request.
    """

    files: tuple[StrainFile, ...]
    ifos: tuple[str, ...]
    fft_length: float
    output_file: Path
    present: bool

    @property
    def size(self) -> int:
        """Samples of one segment."""
        return self.files[0].segment_size(self.fft_length)

    @property
    def segments(self) -> int:
        """Number of segments, overlapping by half, of each interferometer."""
        return sum(segment_count(file.length, self.size) for file in self.files)

    @property
    def livetime(self) -> float:
        """Seconds of strain of each interferometer."""
        return sum(file.span.duration for file in self.files)

    @property
    def nbytes(self) -> int:
        """Bytes of the output, but for its provenance."""
        return len(self.ifos) * (self.size // 2 + 1) * np.dtype(np.float64).itemsize


def estimate_psd(
    *,
    files: Sequence[str | Path],
    output_file: str | Path,
    fft_length: float = 8,
    ifos: Sequence[str] | None = None,
    overwrite: bool = False,
) -> PsdReport:
    """Estimate the power spectral densities of background files and write them to one file.

    Welch's method with Hann windows that overlap by half, and the median over all segments of all files: the
    same numbers as gwpy's ``psd(fftlength=…, method="median", window="hann")`` for one file.

    Parameters
    ----------
    files
        Background files, of one sample rate; their spans do not overlap.
    output_file
        The file: one gwpy FrequencySeries for each interferometer.
    fft_length
        Seconds of one segment; the frequencies are spaced by its inverse.
    ifos
        Interferometers; those of the files where None.
    overwrite
        Replace the file if it is there.

    Raises
    ------
    UsageError
        An argument is wrong, or the file is there and holds something else.
    DataQualityError
        Strain is not finite or stands still, or a file is damaged.
    """
    plan = plan_psd(files=files, output_file=output_file, fft_length=fft_length, ifos=ifos, overwrite=overwrite)
    return run_psd(plan)


def plan_psd(
    *,
    files: Sequence[str | Path],
    output_file: str | Path,
    fft_length: float = 8,
    ifos: Sequence[str] | None = None,
    overwrite: bool = False,
) -> PsdPlan:
    """Check the arguments of `estimate_psd` and say what it will do; writes nothing."""
    checks.require_positive("fft_length", fft_length)
    output = Path(output_file)
    found = _open_all([Path(file) for file in ([files] if isinstance(files, (str, Path)) else files)], fft_length)
    chosen = _choose_ifos(found, ifos)
    if any(output.exists() and output.samefile(file.path) for file in found):
        raise UsageError(f"{str(output)!r} is among the files to read: name another output.")
    require_replaceable(output)
    require_writable_folder(output.parent)
    plan = PsdPlan(found, chosen, fft_length, output, present=False)
    if output.exists() and not overwrite:
        _require_same(plan)
        return PsdPlan(found, chosen, fft_length, output, present=True)
    require_space(output.parent, plan.nbytes)
    return plan


def run_psd(plan: PsdPlan, *, on_phase: Phase = silent) -> PsdReport:
    """Do what `plan_psd` planned.

    Parameters
    ----------
    on_phase
        Told of one phase for each interferometer, counted in segments.
    """
    if plan.present:
        return PsdReport(plan.output_file, psd.read_spectra(plan.output_file), plan.segments, present=True)
    remove_leftovers([plan.output_file])
    # One interferometer has the frequencies of all.
    frequencies, values = zip(
        *(estimate(plan.files, ifo, plan.fft_length, on_phase=on_phase) for ifo in plan.ifos), strict=True
    )
    spectra = PowerSpectra(plan.ifos, frequencies[0], np.stack(values), request_record(plan))
    make_folder(plan.output_file.parent)
    psd.write_spectra(plan.output_file, spectra, spectra.record)
    return PsdReport(plan.output_file, spectra, plan.segments, present=False)


def request_record(plan: PsdPlan) -> dict[str, Any]:
    """What the output is a function of; by it a later run knows the output as its own."""
    arguments = {
        "files": [str(file.path) for file in plan.files],
        "ifos": list(plan.ifos),
        "fft_length": plan.fft_length,
    }
    method = {"window": "hann", "overlap": 0.5, "average": "median", "segments": plan.segments}
    strain = [file.describe(plan.size) for file in plan.files]
    return provenance.provenance("psd", arguments, method=method, strain=strain)


def _open_all(paths: Sequence[Path], fft_length: float) -> tuple[StrainFile, ...]:
    """The files by their start, each fit for segments of that length, of one rate, and disjoint."""
    if not paths:
        raise UsageError("no file was given: say at least one background file.")
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
                f"{files[0].path} holds {', '.join(chosen)}, and {file.path} {', '.join(file.ifos)}: say which with "
                "--ifos."
            )
        missing = [ifo for ifo in chosen if ifo not in file.ifos]
        if missing:
            raise UsageError(f"{file.path} holds {', '.join(file.ifos)}, not {', '.join(missing)}: see --ifos.")
    return chosen


def _require_same(plan: PsdPlan) -> None:
    """Check that the output that is there is what the same request made.

    Raises
    ------
    OutputExistsError
        It is not, or was changed.
    """
    try:
        found = psd.summarize(plan.output_file)
    except DataQualityError as error:
        raise checks.output_exists(plan.output_file) from error
    difference = provenance.difference(found.record or {}, request_record(plan))
    if not difference and found.intact is False:
        difference = "its densities changed since they were written"
    if difference:
        raise checks.output_exists(plan.output_file, difference)
