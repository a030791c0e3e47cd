"""What the class behind an `ExportProvider` does, and the finished files that it is given.

The core finds the files, checks that they are complete and unchanged, and publishes what the export made of them.
An export knows the format of one other tool, and nothing about ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from aframe_data.types import FloatArray, Segment


class ExportedSignals(Protocol):
    """A finished file of signals: training waveforms, validation signals, injections or rejected parameters."""

    @property
    def path(self) -> Path:
        """Where it is."""
        ...

    @property
    def name(self) -> str:
        """Its path relative to the exported folder, with ``/``; if one file is exported, its name."""
        ...

    @property
    def length(self) -> int:
        """How many signals it has, N."""
        ...

    @property
    def attributes(self) -> Mapping[str, Any]:
        """The file's root attributes: ``sample_rate``, ``duration``, ``right_pad``, ``num_injections``, ``ifos``."""
        ...

    @property
    def record(self) -> Mapping[str, Any]:
        """Its provenance; empty if another program wrote the file."""
        ...

    @property
    def livetime(self) -> float | None:
        """Seconds of background, in all slides, that a campaign's injections cover; None if that is not known."""
        ...

    @property
    def fields_of_waveforms(self) -> tuple[str, ...]:
        """The names of its waveforms: ``plus`` and ``cross``, or ``h1``, ``l1`` and so on; none of rejected ones."""
        ...

    def parameters(self) -> Mapping[str, FloatArray]:
        """Return all parameters, (N,) or (N, number of interferometers), and ``luminosity_distance`` (Mpc) of binaries.

        Masses are those of the detector frame, in solar masses; angles in radians; ``ra`` is a longitude fixed to
        the Earth unless `has_true_right_ascension`.
        """
        ...

    @property
    def cosmology(self) -> str:
        """The name of the `astropy.cosmology` realization by which redshift is distance."""
        ...

    @property
    def has_true_right_ascension(self) -> bool:
        """Whether ``ra`` is a right ascension, and not a longitude fixed to the Earth as in Aframe."""
        ...

    @property
    def prior_variables(self) -> tuple[str, ...]:
        """The parameters that `ln_prior` is a density of; errors as there."""
        ...

    def ln_prior(self, parameters: Mapping[str, FloatArray]) -> FloatArray:
        """Return the logarithm of the density of signals in the prior that the file's were drawn from, (n,).

        Parameters
        ----------
        parameters
            As of `parameters`; the density is over masses of the source frame.

        Raises
        ------
        UsageError
            The file does not name its prior, or the prior has no density.
        """
        ...

    def ln_prior_factors(self, parameters: Mapping[str, FloatArray]) -> Mapping[tuple[str, ...], FloatArray]:
        """Return `ln_prior` in factors, by the variables of each: one of all where the prior tells no more.

        A prior of masses in the detector frame has those of the source frame in one factor with the redshift.
        """
        ...

    def waveforms(self) -> Iterator[Mapping[str, FloatArray]]:
        """Give the waveforms in blocks of rows, (rows, samples), by the names of `fields_of_waveforms`."""
        ...


class ExportedStrain(Protocol):
    """A finished background file."""

    @property
    def path(self) -> Path:
        """Where it is."""
        ...

    @property
    def name(self) -> str:
        """As of `ExportedSignals`."""
        ...

    @property
    def ifos(self) -> tuple[str, ...]:
        """Its interferometers, sorted."""
        ...

    @property
    def segment(self) -> Segment:
        """Its span, GPS seconds."""
        ...

    @property
    def sample_rate(self) -> float:
        """Hz."""
        ...

    def blocks(self, ifo: str) -> Iterator[FloatArray]:
        """Give the samples of an interferometer in order, in blocks of bounded size."""
        ...


@dataclass(frozen=True)
class ExportSource:
    """What is to be exported.

    Attributes
    ----------
    signals, strain
        The files, sorted by name, of the kinds that the record takes.
    """

    signals: tuple[ExportedSignals, ...] = ()
    strain: tuple[ExportedStrain, ...] = ()


@runtime_checkable
class Export(Protocol):
    """What the class behind an `ExportProvider` does."""

    def export(self, source: ExportSource, path: Path) -> None:
        """Write the files of another tool.

        Parameters
        ----------
        source
            The finished files, which were checked.
        path
            A temporary file to write or, if the record says ``folder``, an empty folder to fill. It gets its final name
            when this returns; the core adds the provenance to HDF5 files, as a root attribute.

        Raises
        ------
        UsageError
            The format has no room for these signals.
        """
        ...
