"""What validation signals and campaigns are asked for alike: which signals are accepted, in which noise."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data import checks
from aframe_data.detection.acceptance import Acceptance
from aframe_data.detection.detectors import require_ifos
from aframe_data.errors import UsageError
from aframe_data.injections.plan import InjectionPlan, Noise, request_record
from aframe_data.psd.band import Band
from aframe_data.psd.sources import load_spectra
from aframe_data.store.atomic import require_replaceable, require_space, require_writable_folder
from aframe_data.waveforms.resume import resume

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from aframe_data.types import WaveformRequest

#: What may be drawn for each signal that is wanted, where nothing is said.
_DRAWS_PER_SIGNAL = 10_000
#: Samples of the longest window; those of a spectrum have to fit into memory.
_LONGEST_WINDOW = 2**27


def make_acceptance(
    *,
    ifos: Sequence[str],
    highpass: float,
    lowpass: float | None,
    snr_threshold: float,
    sample_rate: float,
    true_right_ascension: bool = False,
    full_evaluation: bool = False,
) -> Acceptance:
    """Check what makes a signal accepted; the interferometers are sorted."""
    acceptance = Acceptance(
        ifos=require_ifos(tuple(ifos)),
        band=Band(highpass, lowpass),
        snr_threshold=snr_threshold,
        true_right_ascension=true_right_ascension,
        full_evaluation=full_evaluation,
    )
    acceptance.check(sample_rate)
    return acceptance


def given_noise(
    psd: str | Path | Sequence[str | Path] | Mapping[str, str | Path], acceptance: Acceptance, request: WaveformRequest
) -> Noise:
    """Load the spectra that count for all signals; a hash tells later whether they changed."""
    if request.size > _LONGEST_WINDOW:
        raise UsageError(
            f"waveform_duration = {request.duration:g} times sample_rate = {request.sample_rate:g} is "
            f"{request.size:.3g} samples, only windows of at most {_LONGEST_WINDOW} are allowed."
        )
    given: Any
    if hasattr(psd, "items"):
        given = {ifo: str(text) for ifo, text in psd.items()}
    else:
        given = [str(psd)] if not isinstance(psd, (list, tuple)) else [str(text) for text in psd]
    spectra = load_spectra(
        given, ifos=acceptance.ifos, size=request.size, sample_rate=request.sample_rate, band=acceptance.band
    )
    content = hashlib.sha256(np.ascontiguousarray(spectra.values).data).hexdigest()
    return Noise(spectra, (), {"psd": dict(spectra.record), "sha256": content})


def checked(plan: InjectionPlan, *, keep_seed: bool, inputs: Iterable[Any]) -> InjectionPlan:
    """Check what all plans have in common, and take up what is there; writes nothing.

    Parameters
    ----------
    inputs
        What the user gave that may be files to read (``H1=FILE`` too), or lists or mappings of such.

    Raises
    ------
    UsageError
        An argument is wrong, an output is one of the files to read, an output cannot be written, or the disk is full.
    OutputExistsError
        An output is there, and holds something else.
    """
    checks.require_fraction("max_failed_fraction", plan.max_failed_fraction)
    checks.require_count("max_num_samples", plan.max_num_samples, plan.num_signals)
    for output in plan.outputs:
        _require_no_input(output, inputs)
        require_replaceable(output)
        require_writable_folder(output.parent)
    if plan.rejected_file is not None:
        checks.require_different("output_file", plan.output_file, "rejected_file", plan.rejected_file)
    if not plan.overwrite:
        plan = resume(plan, request_record, keep_seed=keep_seed)
    if not plan.present:
        require_space(plan.output_file.parent, 2 * plan.nbytes)
    return plan


def _require_no_input(output: Path, inputs: Iterable[Any]) -> None:
    """Refuse to replace what is read, before anybody is told that --overwrite does it."""
    for given in inputs:
        if hasattr(given, "items"):
            _require_no_input(output, given.values())
        elif isinstance(given, (list, tuple)):
            _require_no_input(output, given)
        elif given is not None and output.exists():
            text = str(given)
            for path in (Path(text), Path(text.partition("=")[2])):
                if os.path.isfile(path) and path.samefile(output):  # noqa: PTH113 - a name too long is no file
                    raise UsageError(f"{str(output)!r} is among the files to read: name another output.")


def draws_allowed(max_num_samples: int | None, num_signals: int) -> int:
    """The most signals that may be drawn: what the user says, or plenty for each signal."""
    return _DRAWS_PER_SIGNAL * num_signals if max_num_samples is None else max_num_samples
