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
        help="Random seed of the noise; the same seed gives the same noise",
    )
    psd: tuple[str, ...] = option(
        default=(),
        help="Noise curve: the name of one from lalsimulation or bilby, or a text file with columns "
        "f (Hz) and power spectral density (1/Hz); H1=CURVE for one interferometer",
        otherwise=f"{DEFAULT_CURVE} for all",
        files=True,
        names="aframe_data.psd.curves:curve_names",
    )
    asd: tuple[str, ...] = option(
        default=(),
        help="Noise curve from a text file with columns f (Hz) and amplitude spectral density (1/sqrt(Hz))",
        files=True,
    )
    minimum_frequency: float | None = option(
        default=None,
        minimum=0,
        exclusive=True,
        help="Frequency (Hz) below which the noise is zero, if above the start of the curve",
        otherwise="the start of the curve; 10 for the formulae of lalsimulation",
    )
    rate: int | None = option(
        default=None,
        minimum=16,
        help="Sample rate (Hz) at which the noise is generated; noise generated "
        "at different rates differs, so fix this to get the same noise at every requested rate",
        otherwise="the requested rate",
    )


@dataclass(frozen=True)
class SegmentOptions:
    """Options of the simulated segments."""

    seed: int = option(
        default=0, minimum=0, help="Random seed of the duty cycle; the same seed gives the same segments"
    )
    duty_cycle: float = option(
        default=0.75,
        minimum=1e-3,
        maximum=1,
        help="Mean fraction of the time during which a detector is on",
    )
    mean_segment: int = option(default=10_000, minimum=1, help="Mean length of a segment, in seconds")
    min_segment: int = option(
        default=600,
        minimum=1,
        help="Shortest length of a segment, in seconds (the ends of the requested span may cut one shorter)",
    )
