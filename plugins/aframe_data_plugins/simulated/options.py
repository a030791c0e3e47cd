"""The options of the simulated detectors. Nothing is computed here."""

from __future__ import annotations

from dataclasses import dataclass

from aframe_data.plugin.options import option

#: Curve of an interferometer that the user gives none: Advanced LIGO as expected for O3 (LIGO-T1800545).
DEFAULT_CURVE = "aLIGOO3LowT1800545"


@dataclass(frozen=True)
class StrainOptions:
    """Options of the simulated strain."""

    seed: int = option(
        default=0,
        minimum=0,
        help="Seed of the noise: same seed, same noise",
    )
    psd: tuple[str, ...] = option(
        default=(),
        help="Noise curve: the name of one that lalsimulation or bilby ships, or a text file with columns "
        "f (Hz) and power spectral density (1/Hz); H1=CURVE for one interferometer",
        otherwise=f"{DEFAULT_CURVE} for all",
        files=True,
        names="aframe_data.psd.curves:curve_names",
    )
    asd: tuple[str, ...] = option(
        default=(),
        help="The same for text files with columns f (Hz) and amplitude spectral density (1/sqrt(Hz))",
        files=True,
    )
    minimum_frequency: float | None = option(
        default=None,
        minimum=0,
        exclusive=True,
        help="Frequency (Hz) below which the noise is zero, if above the curve's first",
        otherwise="the curve's first; 10 for the formulae of lalsimulation",
    )
    rate: int | None = option(
        default=None,
        minimum=16,
        help="Rate (Hz) at which the noise is made and handed out; noise made "
        "at two rates is not the same noise, so fix it to get the same noise at every asked rate",
        otherwise="the rate asked for",
    )


@dataclass(frozen=True)
class SegmentOptions:
    """Options of the simulated segments."""

    seed: int = option(default=0, minimum=0, help="Seed of the duty cycle: same seed, same segments")
    duty_cycle: float = option(
        default=0.75,
        minimum=1e-3,
        maximum=1,
        help="Mean fraction of the time that a detector is on",
    )
    mean_segment: int = option(default=10_000, minimum=1, help="Mean length of a segment, in seconds")
    min_segment: int = option(
        default=600,
        minimum=1,
        help="Least length of a segment, in seconds (the asked span may cut one shorter)",
    )
