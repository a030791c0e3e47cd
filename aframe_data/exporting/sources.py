"""Finished files as an export gets them: what `aframe_data.plugin.exported` promises, read from our formats."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from aframe_data.dataset_report.signals import slides_of, total_livetime
from aframe_data.errors import DataQualityError, UsageError
from aframe_data.formats import background, ledger, ledger_pieces
from aframe_data.formats.hdf5 import plain
from aframe_data.formats.ledger_source import open_source
from aframe_data.formats.record_parts import mapping_in, records_of
from aframe_data.plugin.binary import luminosity_distance
from aframe_data.populations.density import density_of, ln_density, ln_factors
from aframe_data.registry.choice import choose
from aframe_data.store.identity import difference
from aframe_data.waveforms.recipe import DEFAULT_COSMOLOGY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from aframe_data.formats.ledger_source import LedgerSource
    from aframe_data.plugin.protocols import Prior
    from aframe_data.registry.choice import Choice
    from aframe_data.types import FloatArray, Segment

#: Samples of strain that are read at once.
_BLOCK = 2**22


@dataclass(frozen=True, eq=False)
class SignalsFile:
    """A file of signals; see `aframe_data.plugin.exported.ExportedSignals`."""

    path: Path
    name: str

    @cached_property
    def _source(self) -> LedgerSource:
        return open_source(self.path)

    @property
    def length(self) -> int:
        """How many signals it has."""
        return self._source.layout.length

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of its parameters."""
        return tuple(self._source.layout.parameters)

    @property
    def fields_of_waveforms(self) -> tuple[str, ...]:
        """The names of its waveforms."""
        return tuple(self._source.layout.waveforms)

    @property
    def nbytes(self) -> int:
        """Bytes of its arrays."""
        return self._source.layout.nbytes

    @cached_property
    def attributes(self) -> Mapping[str, Any]:
        """What the file says of itself, as plain values."""
        return {name: plain(value) for name, value in self._source.layout.attributes.items()}

    @property
    def record(self) -> Mapping[str, Any]:
        """Its provenance; of a joined file, that of its first piece."""
        return next(records_of(self._source.record), {})

    @property
    def livetime(self) -> float | None:
        """Seconds of background of all slides that have an injection in them, less what PSDs and shifts take."""
        slides = slides_of(self.path, self._source.record) if "injection_time" in self.fields else ()
        return total_livetime(slide.livetime for slide in slides)

    @property
    def cosmology(self) -> str:
        """The name of that by which redshift is distance."""
        return str(self.record.get("cosmology", DEFAULT_COSMOLOGY))

    @property
    def has_true_right_ascension(self) -> bool:
        """Whether ``ra`` is a right ascension."""
        return bool(mapping_in(self.record, "arguments").get("true_right_ascension"))

    def known_hash(self) -> str:
        """The hash of its arrays."""
        return self._source.known_hash()

    def parameters(self) -> Mapping[str, FloatArray]:
        """All parameters, and the luminosity distance where they have a redshift."""
        found: dict[str, FloatArray] = ledger.read_parameters(self.path)
        if "luminosity_distance" not in found and "redshift" in found:
            found["luminosity_distance"] = luminosity_distance(found["redshift"], self.cosmology)
        return found

    @cached_property
    def prior(self) -> Choice:
        """The prior that the signals were drawn from, by the file's provenance.

        Raises
        ------
        UsageError
            The file does not say it, or it is another one by now.
        """
        said = mapping_in(self.record, "prior")
        if not isinstance(said.get("name"), str):
            raise UsageError(f"{str(self.path)!r} does not say which prior its signals were drawn from.")
        options = {name: value for name, value in mapping_in(said, "options").items() if value is not None}
        choice = choose("prior", said["name"], options)
        then = mapping_in(self.record, "identity").get("prior")
        told = difference(then, choice.identity) if isinstance(then, dict) else ""
        if told:
            raise UsageError(
                f"prior {choice.key!r} is not what the signals of {str(self.path)!r} were drawn from: {told}."
            )
        return choice

    @cached_property
    def _drawn_from(self) -> Prior:
        prior: Prior = self.prior.create()
        return prior

    @property
    def prior_variables(self) -> tuple[str, ...]:
        """The parameters that `ln_prior` is a density of."""
        return density_of(self._drawn_from, self.prior.key).variables

    def ln_prior(self, parameters: Mapping[str, FloatArray]) -> FloatArray:
        """The logarithm of the density in the prior that the signals were drawn from."""
        with self.prior.at_work():
            return ln_density(self._drawn_from, self.prior.key, parameters)

    def ln_prior_factors(self, parameters: Mapping[str, FloatArray]) -> Mapping[tuple[str, ...], FloatArray]:
        """The same in factors, by the variables of each."""
        with self.prior.at_work():
            return ln_factors(self._drawn_from, self.prior.key, parameters)

    def waveforms(self) -> Iterator[Mapping[str, FloatArray]]:
        """The waveforms in blocks of rows."""
        for _, waveforms in ledger_pieces.read_rows(self.path, self.length):
            yield waveforms

    def require_sound(self) -> None:
        """Read all of it.

        Raises
        ------
        DataQualityError
            It changed since it was written, or holds values that are not finite.
        """
        summary = ledger.summarize(self.path)
        _require_intact(self.path, intact=summary.intact)
        for field, count in summary.not_finite.items():
            raise DataQualityError(f"{self.path} is not used: {count} values of {field} are not finite.")


@dataclass(frozen=True, eq=False)
class StrainSource:
    """A background file; see `aframe_data.plugin.exported.ExportedStrain`."""

    path: Path
    name: str

    @cached_property
    def _summary(self) -> background.BackgroundSummary:
        return background.summarize(self.path, check=False)

    @property
    def ifos(self) -> tuple[str, ...]:
        """Its interferometers, sorted."""
        return self._summary.ifos

    @property
    def segment(self) -> Segment:
        """Its span."""
        return self._summary.segment

    @property
    def sample_rate(self) -> float:
        """Hz."""
        return self._summary.sample_rate

    @property
    def nbytes(self) -> int:
        """Bytes of the file."""
        return self.path.stat().st_size

    def known_hash(self) -> str:
        """The hash of its samples."""
        return self._summary.written_hash or background.measure_hash(self.path)

    def blocks(self, ifo: str) -> Iterator[FloatArray]:
        """The samples of an interferometer in order."""
        size = round(self.segment.duration * self.sample_rate)
        for start in range(0, size, _BLOCK):
            yield background.read_samples(self.path, ifo, slice(start, start + _BLOCK))

    def require_sound(self) -> None:
        """Read all of it; errors as `SignalsFile.require_sound`."""
        summary = background.summarize(self.path)
        _require_intact(self.path, intact=summary.intact)
        bad = sum(summary.not_finite.values())
        if bad:
            raise DataQualityError(f"{self.path} is not used: {bad} samples are not finite.")


def _require_intact(path: Path, *, intact: bool | None) -> None:
    if intact is False:
        raise DataQualityError(f"{path} is not used: its content changed since it was written.")
