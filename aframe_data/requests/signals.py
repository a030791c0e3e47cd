"""Fields of requests that make signals."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from aframe_data import checks
from aframe_data.errors import UsageError
from aframe_data.plugin.code import Code
from aframe_data.plugin.records import AUTO
from aframe_data.requests import RUNNING
from aframe_data.requests.declaration import Chooses, option
from aframe_data.requests.request import request
from aframe_data.requests.shared import FASTEST, LONGEST, provider_options
from aframe_data.work.part import Part

#: A prior as Python gives it: a name, a function that returns one, a bilby PriorDict, or that and whether its masses
#: are in the detector frame.
AnyPrior: TypeAlias = str | os.PathLike[str] | Code | Callable[[], Any] | Mapping[str, Any] | tuple[Any, Any]

SIGNALS, NOISE, SCHEDULE = "Signals", "Noise and SNR", "Schedule"
#: Of one file: more fill no disk of today, and no plan of their units fits into memory.
MOST_SIGNALS = 100_000_000


def prior_given(value: Any) -> str | Code:
    """The name of a prior, or the object that Python gave in its place."""
    if isinstance(value, Code):
        return value
    if isinstance(value, (str, os.PathLike)):
        return os.fspath(value)
    if callable(value) or isinstance(value, (Mapping, tuple)):
        return Code.of(value)
    raise UsageError("it is neither a name nor a function nor a bilby PriorDict.")


def noise_given(value: Any) -> Mapping[str, str] | tuple[str, ...]:
    """What was given as the noise: texts, or a mapping of interferometers to texts."""
    if isinstance(value, Mapping):
        return {str(ifo): str(text) for ifo, text in value.items()}
    return tuple(str(text) for text in value) if isinstance(value, (list, tuple)) else (str(value),)


@request
class Signals:
    """What the signals are; many machines may make them, a part each."""

    prior: AnyPrior = option(
        help="Prior to draw signals from: a name, a bilby .prior file, or the dotted path of a function that returns a "
        "PriorDict. Add --help to see its options; `aframe-data plugins list --kind prior` lists all names.",
        group=SIGNALS,
        chooses=Chooses("prior", "prior_options", automatic=False),
        parse=prior_given,
        files=True,
    )
    prior_options: Mapping[str, Any] | None = provider_options("the prior")
    waveform_duration: float = option(
        help="Length of each waveform, in seconds. It must be a whole number of samples.",
        group=SIGNALS,
        maximum=LONGEST,
    )
    sample_rate: float = option(help="Sample rate, in Hz.", group=SIGNALS, maximum=FASTEST)
    minimum_frequency: float = option(
        default=20.0, help="Frequency at which signals start, in Hz. Heavy binaries start lower.", group=SIGNALS
    )
    reference_frequency: float = option(
        default=50.0, help="Frequency at which the spins are defined, in Hz.", group=SIGNALS
    )
    right_pad: float = option(default=2.0, help="Seconds from the merger to the end of the waveform.", group=SIGNALS)
    generator: str = option(
        default=AUTO,
        help="Waveform generator. 'auto' makes binaries; signals of another kind need their generator by name. "
        "`aframe-data plugins list --kind waveforms` lists all generators.",
        group=SIGNALS,
        chooses=Chooses("waveforms", "generator_options"),
    )
    generator_options: Mapping[str, Any] | None = provider_options("the waveform generator")
    seed: int | None = option(
        default=None,
        help="Random seed. If omitted, one is chosen, printed and saved in the file.",
        group=SIGNALS,
        minimum=0,
        maximum=math.inf,
    )
    dtype: str = option(
        default="float32", help="Floating-point type of the samples.", group=SIGNALS, choices=("float32", "float64")
    )
    max_failed_fraction: float = option(
        default=0.01,
        help="Fraction of the signals that may fail before the run stops. Failed signals are replaced by other draws.",
        group=SIGNALS,
        minimum=0,
        maximum=1,
        affects_data=False,
    )
    part: Part | str | None = option(
        default=None,
        help="Make only part K of N, on one of many machines. Merging all N parts with `aframe-data merge` gives the "
        "file that one machine would make. Needs --seed.",
        group=RUNNING,
        metavar="K/N",
        parse=Part.read,
        affects_data=False,
    )

    @property
    def own_part(self) -> Part | None:
        """The part that it asks for; None for the whole."""
        return None if self.part is None else Part.read(self.part)

    def check(self) -> None:
        """Refuse a grid of no whole samples, frequencies that it cannot hold, and a part of nothing in particular."""
        checks.require_grid(self.sample_rate, self.waveform_duration, self.right_pad)
        checks.require_frequencies(self.minimum_frequency, self.reference_frequency, self.sample_rate)
        if self.part is not None and self.seed is None:
            raise UsageError("--part needs --seed: without it, each part would choose a seed of its own.")


@request
class DetectedSignals(Signals):
    """Signals, and which of them are accepted in which noise."""

    ifos: Sequence[str] = option(help="Interferometers, such as H1,L1.", group=NOISE)
    snr_threshold: float = option(
        default=4.0, help="Signals with at least this network SNR are accepted.", group=NOISE, minimum=0
    )
    highpass: float = option(default=32.0, help="Lowest frequency used for the SNR, in Hz.", group=NOISE)
    lowpass: float | None = option(
        default=None, help="Highest frequency used for the SNR, in Hz.", group=NOISE, otherwise="the Nyquist frequency"
    )
    exact_df: bool = option(
        default=False,
        help="Refuse a PSD file whose df is not 1 / waveform_duration. By default it is interpolated.",
        group=NOISE,
        affects_data=False,
    )
    max_draws: int | None = option(
        default=None,
        help="Number of draws after which the run gives up.",
        group=NOISE,
        minimum=1,
        otherwise="10000 for each signal to accept",
        affects_data=False,
    )
    max_num_samples: int | None = option(
        default=None,
        help="Largest number of draws processed at once, to bound memory (a round of Aframe's own scripts). It does "
        "not change the result.",
        group=RUNNING,
        minimum=1,
        otherwise="as many as suit the workers",
        affects_data=False,
    )
    full_evaluation: bool = option(
        default=False,
        help="Compute the full waveform of every draw. The same signals are accepted, but slowly.",
        group=NOISE,
    )


#: Lists the names of noise curves.
CURVES = "aframe_data.psd.curves:curve_names"
PSD_HELP = (
    "The noise: a background file, a folder of them (its last file of at least 2048 s), a PSD or ASD file (text "
    "columns; HDF5 of `aframe-data psd`, Aframe or gwpy), or a noise curve of lalsimulation or bilby. Use "
    "IFO=… to give each interferometer its own."
)
