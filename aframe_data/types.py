"""The plain data that is passed between the core and the plugins.

Everything here is frozen and can be pickled. Spans are half-open, ``[start, stop)``, in GPS seconds.
Arrays are numpy's; this module does not import numpy, so that listing plugins stays fast.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from aframe_data.segment import Segment as Segment  # noqa: PLC0414 - a name of this module too

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

FloatArray: TypeAlias = "NDArray[np.floating[Any]]"
ComplexArray: TypeAlias = "NDArray[np.complexfloating[Any, Any]]"


# --- segments ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SegmentQuery:
    """One data-quality flag over one span: the question to a segment source."""

    flag: str
    start: float
    stop: float


@dataclass(frozen=True, slots=True)
class SegmentResult:
    """The answer to a `SegmentQuery`.

    Attributes
    ----------
    active
        Where the flag is on: sorted, disjoint, inside the requested span.
    known
        Where the source knows whether the flag is on, or None if the source cannot tell.
    origin
        Where the answer came from (a URL, a file), for the provenance.
    """

    active: tuple[Segment, ...]
    known: tuple[Segment, ...] | None = None
    origin: str = ""


@dataclass(frozen=True, slots=True)
class CatalogEvent:
    """A published event: its name and its GPS time at the geocentre."""

    name: str
    gps: float


# --- strain -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StrainRequest:
    """One block of strain.

    Attributes
    ----------
    channels
        Channel names as the user wrote them (``H1``, ``L1:GDS-CALIB_STRAIN``).
    start, stop
        Span in whole GPS seconds, half-open.
    sample_rate
        The rate, in Hz, of the output. A fetcher returns this rate or a higher one,
        never a lower one: the core resamples, and it refuses to upsample.
    """

    channels: tuple[str, ...]
    start: int
    stop: int
    sample_rate: float


@dataclass(frozen=True, slots=True)
class BitMask:
    """A mask at 1 Hz, as open data has it for data quality and for hardware injections.

    Attributes
    ----------
    values
        (n_seconds,) unsigned integers; bit k of second i is on where ``values[i] >> k & 1``.
    bits
        The name of each bit, lowest first.
    """

    values: NDArray[np.unsignedinteger[Any]]
    bits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """Where one span of strain came from: a URL or a path."""

    start: float
    stop: float
    origin: str


@dataclass(frozen=True, slots=True)
class StrainSeries:
    """Strain of one channel, evenly sampled, as a fetcher returns it.

    Attributes
    ----------
    data
        (n,) floating point; NaN where the archive marks the data as missing.
    start
        GPS time of the first sample, in seconds.
    sample_rate
        Samples a second, in Hz.
    ifo
        The interferometer's prefix, ``H1``: the name of the dataset in the output.
    channel
        The channel's name, as the archive spells it.
    unit
        ``"strain"`` for calibrated data, else the archive's own unit.
    quality, injections
        Masks at 1 Hz over the same span, where the archive has them.
    pieces
        Where each part came from, in order.
    """

    data: FloatArray
    start: float
    sample_rate: float
    ifo: str
    channel: str
    unit: str = "strain"
    quality: BitMask | None = None
    injections: BitMask | None = None
    pieces: tuple[Piece, ...] = ()

    @property
    def stop(self) -> float:
        """GPS time just after the last sample."""
        return self.start + len(self.data) / self.sample_rate


@dataclass(frozen=True, slots=True, order=True)
class Flaw:
    """A span of one interferometer's strain that should not be used, and why, in a few words."""

    start: float
    stop: float
    reason: str

    @property
    def span(self) -> Segment:
        """The same without the reason."""
        return Segment(self.start, self.stop)


# --- noise -------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class PowerSpectra:
    """One-sided power spectral densities.

    Attributes
    ----------
    ifos
        The interferometers, sorted.
    frequencies
        (k,) Hz, evenly spaced; from zero where it is the grid of a window's FFT.
    values
        (n_ifo, k) 1/Hz, in the order of `ifos`.
    record
        What they came from, for the provenance.
    """

    ifos: tuple[str, ...]
    frequencies: FloatArray
    values: FloatArray
    record: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.values.shape != (len(self.ifos), len(self.frequencies)):
            raise ValueError(
                f"values of shape {self.values.shape} are none of {len(self.ifos)} interferometers at "
                f"{len(self.frequencies)} frequencies"
            )

    def of(self, ifo: str) -> FloatArray:
        """The density of one interferometer, (k,)."""
        values: FloatArray = self.values[self.ifos.index(ifo)]
        return values


# --- waveforms --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WaveformRequest:
    """The time grid of the waveforms.

    Attributes
    ----------
    sample_rate
        Hz.
    duration
        Length of each waveform, in seconds; ``duration * sample_rate`` is whole.
    right_pad
        Seconds between the sample nearest the model's t = 0 and the end; times the rate, whole.
    """

    sample_rate: float
    duration: float
    right_pad: float

    @property
    def size(self) -> int:
        """Samples in a waveform."""
        return round(self.duration * self.sample_rate)

    @property
    def reference_index(self) -> int:
        """Index of the sample nearest the model's t = 0."""
        return round((self.duration - self.right_pad) * self.sample_rate)


@dataclass(frozen=True, slots=True)
class Polarizations:
    """Waveforms of many signals.

    Attributes
    ----------
    plus, cross
        (n, size) strain at the request's sample rate. Rows of failed signals hold zeros.
    failures
        Index of each signal that could not be generated, with the model's own reason.
    """

    plus: FloatArray
    cross: FloatArray
    failures: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sketch:
    """Rough spectra of many signals: how loud each is at most, and how much of that comes to us.

    Attributes
    ----------
    amplitude
        (n, k) strain per hertz, of a circularly polarized signal that no signal of the same source is louder than,
        from wherever it is seen.
    plus, cross
        (n,) complex: what comes to us in each polarization, in units of `amplitude`.
    """

    amplitude: FloatArray
    plus: ComplexArray
    cross: ComplexArray
