"""Kinds of sources: all that the core has to know of the signals of one kind.

The core draws, generates, estimates, rejects and writes whatever it is given; what a parameter means is known to the
kind and to the model. Binaries, `aframe_data.plugin.binary`, are the first of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from aframe_data.errors import WaveformError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from aframe_data.plugin.records import Frame
    from aframe_data.types import FloatArray


#: Names that files have for what is no parameter of a source: no kind and no prior may use them.
TAKEN = frozenset({"snr", "ifo_snrs", "snr_is_estimate", "injection_time", "shift"})
#: What the signals of a file may have beside their draws: where each was put, how it was made, and how loud it is.
NOT_DRAWN = TAKEN | {"segment_length", "segment_num_injections", "minimum_frequency", "reference_frequency"}


@dataclass(frozen=True)
class Regions:
    """Parts of a population, in each of which an estimate of the SNR is trusted or not.

    Attributes
    ----------
    count
        How many there are; each has a number from zero on.
    of
        From parameters of n signals to the number of each one's region, (n,).
    describe
        From the number of a region to the words by which a person knows its signals.
    never_estimated
        Those whose signals are made in full, whatever an estimate says.
    """

    count: int
    of: Callable[[Mapping[str, FloatArray]], NDArray[np.intp]]
    describe: Callable[[int], str]
    never_estimated: tuple[int, ...] = ()


def _all_in_one(parameters: Mapping[str, FloatArray]) -> NDArray[np.intp]:
    import numpy as np  # not for listing plugins

    return np.zeros(len(next(iter(parameters.values()))), dtype=np.intp)


def _all_signals(_region: int) -> str:
    return "all signals"


#: Of signals that are all alike in what an estimate can be trusted with.
ONE_REGION = Regions(count=1, of=_all_in_one, describe=_all_signals)


@runtime_checkable
class SourceKind(Protocol):
    """What the class behind a `SourceKindProvider` does; it is made without an argument. `AsDrawn` does most of it."""

    @property
    def parameters(self) -> tuple[str, ...]:
        """What every draw has and every file keeps; ``ra``, ``dec`` and ``psi`` are among them.

        Detectors see signals by these three: right ascension, declination and polarization angle, in radians.
        """
        ...

    @property
    def added(self) -> tuple[str, ...]:
        """What `complete` adds to a draw and every file keeps, so that each signal can be made again."""
        ...

    @property
    def described_by(self) -> tuple[str, ...]:
        """The parameters that tell a person which draw it was that failed."""
        ...

    @property
    def example(self) -> Mapping[str, float]:
        """One ordinary source, as a prior draws it, masses in the detector frame: a value for each of `parameters`.

        ``plugins check`` asks waveform generators of the kind for its signal.
        """
        ...

    @property
    def regions(self) -> Regions:
        """By which margins of estimates are found; `ONE_REGION` where all signals are alike in that."""
        ...

    def complete(
        self,
        samples: Mapping[str, FloatArray],
        *,
        frame: Frame,
        cosmology: str,
        minimum_frequency: float,
        reference_frequency: float,
    ) -> dict[str, FloatArray]:
        """Make of a prior's draw what a waveform generator gets, signal by signal: each depends on itself alone.

        Parameters
        ----------
        samples
            The draw: name and values, (n,) float64. They are the core's, and are left as they are.
        frame, cosmology
            What the prior says of its draws; `cosmology` is the name of an `astropy.cosmology` realization.
        minimum_frequency, reference_frequency
            As the user asked, in Hz.

        Returns
        -------
        dict
            Every parameter of the draw, and what the kind adds: (n,) float64.

        Raises
        ------
        WaveformError
            The draw holds what cannot be.
        """
        ...


class AsDrawn:
    """A kind of sources whose draws need nothing more; a kind that differs overrides what differs.

    One that has more `parameters` also has an `example` with a value for each of them.
    """

    parameters: tuple[str, ...] = ("ra", "dec", "psi")
    added: tuple[str, ...] = ()
    described_by: tuple[str, ...] = ()
    example: Mapping[str, float] = {"ra": 1.0, "dec": 0.3, "psi": 0.5}
    regions: Regions = ONE_REGION

    def complete(
        self,
        samples: Mapping[str, FloatArray],
        *,
        frame: Frame,
        cosmology: str,
        minimum_frequency: float,
        reference_frequency: float,
    ) -> dict[str, FloatArray]:
        """Return the draw; see `SourceKind.complete`."""
        del frame, cosmology, minimum_frequency, reference_frequency
        return finite(samples)


def finite(samples: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Return a draw as it is, in float64.

    Raises
    ------
    WaveformError
        Naming a value that is not finite.
    """
    import numpy as np  # not for listing plugins

    converted: dict[str, FloatArray] = {name: np.asarray(values, dtype=np.float64) for name, values in samples.items()}
    for name, values in converted.items():
        if not np.all(np.isfinite(values)):
            raise WaveformError(f"the prior drew {name} = {values[~np.isfinite(values)][0]}, which is not finite.")
    return converted
