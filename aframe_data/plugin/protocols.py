"""What the classes behind providers do: one protocol for each kind. A class fulfils it by having its methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from aframe_data.plugin.files import FileStore as FileStore  # noqa: PLC0414, TC001 - a name of this module too

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from aframe_data.plugin.records import Frame
    from aframe_data.types import (
        CatalogEvent,
        ComplexArray,
        FloatArray,
        Polarizations,
        SegmentQuery,
        SegmentResult,
        Sketch,
        StrainRequest,
        StrainSeries,
        WaveformRequest,
    )


@runtime_checkable
class SegmentSource(Protocol):
    """What the class behind a `SegmentSourceProvider` does."""

    def query(self, query: SegmentQuery) -> SegmentResult:
        """Return where a flag is active.

        Raises
        ------
        UsageError
            The source has no such flag: use `aframe_data.errors.unknown_name`.
        NoDataError
            The source knows nothing about the span (as opposed to: the flag is never active in it).
        TransientError
            The source cannot be reached now.
        """
        ...


@runtime_checkable
class EventCatalog(Protocol):
    """What the class behind a provider with ``catalog=True`` also does."""

    def events(self, start: float, stop: float) -> Sequence[CatalogEvent]:
        """Return the published events with a GPS time in ``[start, stop)``, sorted by time."""
        ...


@runtime_checkable
class StrainFetcher(Protocol):
    """What the class behind a `StrainFetcherProvider` does."""

    def fetch(self, request: StrainRequest) -> Mapping[str, StrainSeries]:
        """Return the whole span for every channel of the request, keyed by the channel as asked.

        The answer starts at ``request.start``, stops at ``request.stop``, and holds NaN where the archive
        marks data as missing. The rate is ``request.sample_rate`` or higher.

        Raises
        ------
        UsageError
            There is no such channel, or the archive has no rate as high as the requested one.
        NoDataError
            The archive holds nothing for the span or for a part of it.
        TransientError
            The archive cannot be reached now; the core tries again.
        """
        ...


@runtime_checkable
class FileFetcher(Protocol):
    """What the class behind a `StrainFetcherProvider` with ``files=True`` also does.

    For archives whose files must be downloaded whole: the core asks for a file's strain in several parts, in order.
    """

    def keep_files(self, store: FileStore) -> None:
        """Receive the store for all downloads; called once, before the first ``fetch``."""
        ...


@runtime_checkable
class Pinged(Protocol):
    """What the class behind a segment source or a strain fetcher may also do, if its example is costly."""

    def ping(self) -> None:
        """Ask the archive the smallest question that shows that it can be used, with the errors of any other."""
        ...


@runtime_checkable
class Prior(Protocol):
    """What the class behind a `PriorProvider` does.

    A prior may also have an attribute ``cosmology``, the name of an `astropy.cosmology` realization
    (default ``"Planck15"``), by which the core computes the luminosity distance from the redshift.
    """

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names that a draw has."""
        ...

    @property
    def frame(self) -> Frame:
        """The frame of the masses."""
        ...

    def sample(self, n: int, rng: np.random.Generator) -> Mapping[str, FloatArray]:
        """Draw `n` signals: name of each parameter and its values, (n,), float64.

        All randomness comes from `rng`. Masses in solar masses with mass_1 >= mass_2, angles in radians.
        """
        ...


@runtime_checkable
class OrderedPrior(Protocol):
    """What a prior may also do if its signals have an order, such as those of a file: the n-th is signal n of a run.

    Its ``sample`` is called as well, for trials before the work.
    """

    @property
    def has_order(self) -> bool:
        """Whether signals are taken in order, with the chosen options: the core asks this, not for the method."""
        ...

    @property
    def length(self) -> int:
        """How many signals there are."""
        ...

    def take(self, start: int, stop: int) -> Mapping[str, FloatArray]:
        """Return the signals from number `start` to before `stop`, counted from 0; as `Prior.sample`.

        Raises
        ------
        UsageError
            There are fewer signals.
        """
        ...


@runtime_checkable
class PriorDensity(Protocol):
    """What a prior may also do if its density is known: ``priors show`` prints it, ``priors reweight`` compares two."""

    @property
    def distributions(self) -> Mapping[str, str]:
        """What is drawn, in words, by its name: ``{"mass_ratio": "Uniform(minimum=0.1, maximum=1)"}``."""
        ...

    @property
    def variables(self) -> tuple[str, ...]:
        """The parameters that `ln_prob` is a density of; the others have one value each, or follow from these."""
        ...

    def ln_prob(self, parameters: Mapping[str, FloatArray]) -> FloatArray:
        """Return the natural logarithm of the density of n signals, (n,); minus infinity if they are never drawn.

        Parameters
        ----------
        parameters
            Of each signal, (n,), with masses in the prior's own frame. The density is over `variables`, whatever is
            drawn: over ``mass_2`` even if a mass ratio is drawn.

        Raises
        ------
        UsageError
            The density is not known.
        """
        ...


@runtime_checkable
class PriorFactors(Protocol):
    """What a prior with a density may do too if it draws parameters independently: exports write its factors."""

    def ln_factors(self, parameters: Mapping[str, FloatArray]) -> Mapping[tuple[str, ...], FloatArray]:
        """Return the logarithms of the factors of the density, (n,) each, by the variables that each is a density of.

        Each of `PriorDensity.variables` is in one factor, each factor is normalised over its own variables and depends
        on no other parameter, and their sum is `ln_prob`; arguments and errors as there.
        """
        ...


@runtime_checkable
class WaveformGenerator(Protocol):
    """What the class behind a `WaveformGeneratorProvider` does."""

    def check(self, parameters: Mapping[str, FloatArray], request: WaveformRequest) -> None:
        """Refuse, before the work starts, what this model cannot do; `parameters` are some draws from the prior.

        Raises
        ------
        UsageError
            For example spins in the orbital plane for a model of aligned spins.
        """
        ...

    def generate(self, parameters: Mapping[str, FloatArray], request: WaveformRequest) -> Polarizations:
        """Generate the polarizations of n signals.

        Parameters
        ----------
        parameters
            Arrays (n,), with n at most the record's ``batch``. For binaries: the 14 base parameters of the file
            format with masses in the detector frame and spins as bilby's (a, tilt, phi_12, phi_jl) at
            ``reference_frequency``; and, per signal, ``luminosity_distance`` (Mpc), ``minimum_frequency`` and
            ``reference_frequency`` (Hz); whatever else the prior gives (``lambda_1``, …).
        request
            The grid. The sample nearest the model's t = 0 goes to ``request.reference_index``:
            `aframe_data.plugin.placement.place` does it.

        Returns
        -------
        Polarizations
            plus and cross, (n, size); a signal that fails is named in ``failures`` and does not raise.
        """
        ...


@runtime_checkable
class SpectrumGenerator(Protocol):
    """What a generator of frequency-domain models can also do: give the spectrum at any frequencies, cheaply.

    Validation signals and injection campaigns estimate SNRs from it, and make in full only the signals that
    the estimate cannot rule out; full waveforms decide. A generator without these two, or one whose
    ``has_spectrum`` is False, works too: all its signals are made in full.
    """

    @property
    def has_spectrum(self) -> bool:
        """Whether `spectrum` works with the chosen options: the core asks this, not for the method."""
        ...

    def spectrum(
        self, parameters: Mapping[str, FloatArray], frequencies: FloatArray
    ) -> tuple[ComplexArray, ComplexArray]:
        """Evaluate the model at any frequencies.

        Parameters
        ----------
        parameters
            As for `WaveformGenerator.generate`.
        frequencies
            (k,) Hz, positive and increasing.

        Returns
        -------
        plus, cross
            (n, k) complex, strain per hertz: the continuous Fourier transform of what ``generate`` makes of
            the same parameters, as far as the signal lies in its window. Only the two absolute values and
            the phase between plus and cross matter. NaN in the rows of signals that fail.
        """
        ...


@runtime_checkable
class SketchGenerator(Protocol):
    """What a `SpectrumGenerator` can also do: rough spectra of hundreds of signals at once, at almost no cost.

    They sort out draws that are far too faint before their spectra are asked for. How far sketches may be off is
    found by calibration, as for spectra.
    """

    def sketch(self, parameters: Mapping[str, FloatArray], frequencies: FloatArray) -> Sketch:
        """Sketch the spectra of n signals.

        Parameters
        ----------
        parameters, frequencies
            As for `SpectrumGenerator.spectrum`.

        Returns
        -------
        Sketch
            Its amplitude must not be far below that of any signal of the same source, however it is oriented: some
            per cent, the same for most. NaN in the rows of signals that fail.
        """
        ...
