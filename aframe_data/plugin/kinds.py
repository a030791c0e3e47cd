"""Kinds of sources: all that the core has to know of the signals of one kind, in one light record.

The core draws, generates, estimates, rejects and writes whatever it is given; what a parameter means is known to the
kind and to the model. Binaries, `aframe_data.plugin.binary`, are the first of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from aframe_data.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from aframe_data.plugin.records import Frame
    from aframe_data.types import FloatArray


class Completion(Protocol):
    """How a prior's draw becomes what a waveform generator gets."""

    def __call__(
        self,
        samples: Mapping[str, FloatArray],
        *,
        frame: Frame,
        cosmology: str,
        minimum_frequency: float,
        reference_frequency: float,
    ) -> dict[str, FloatArray]:
        """Return the parameters of n signals, (n,) float64 each.

        Parameters
        ----------
        samples
            The draw: name and values, (n,).
        frame, cosmology
            What the prior says of its draws.
        minimum_frequency, reference_frequency
            As the user asked, in Hz.

        Returns
        -------
        dict
            Every parameter of the draw, and what the kind adds.

        Raises
        ------
        WaveformError
            The draw holds what cannot be.
        """
        ...


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


ONE_REGION = Regions(count=1, of=_all_in_one, describe=_all_signals)


@dataclass(frozen=True, kw_only=True)
class SourceKind:
    """A kind of sources. Functions are those of modules, so that a record travels to worker processes.

    Attributes
    ----------
    name
        What a waveform generator's record says that it makes, in ``signals``.
    parameters
        What every draw has and every file keeps; with ``ra``, ``dec`` and ``psi``, detectors can see the signals.
    complete
        See `Completion`.
    added
        What `complete` adds to a draw and every file keeps, so that each signal can be made again.
    described_by
        The parameters that tell a person which draw it was that failed.
    regions
        By which margins of estimates are found; one where all signals are alike in that.
    """

    name: str
    parameters: tuple[str, ...]
    complete: Completion
    added: tuple[str, ...] = ()
    described_by: tuple[str, ...]
    regions: Regions = ONE_REGION

    def missing(self, names: Iterable[str]) -> tuple[str, ...]:
        """The parameters of every draw that are not among `names`."""
        given = set(names)
        return tuple(name for name in self.parameters if name not in given)

    def require(self, names: Iterable[str], prior: str) -> None:
        """Refuse a prior that lacks parameters which every draw has.

        Raises
        ------
        UsageError
            Naming what is missing.
        """
        missing = self.missing(names)
        if missing:
            raise UsageError(
                f"prior {prior!r} cannot be used for {self.name} waveforms: it does not give {', '.join(missing)}."
            )
