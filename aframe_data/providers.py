"""What a plugin gives: light records that say what a provider is, and the protocols of the real thing.

A record costs nothing to make: the class behind it is named (``"package.module:Class"``) and imported on
first use. The class is made with the provider's resolved options as its only argument, or with no argument
where the record declares no options.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, runtime_checkable

from aframe_data.options import OptionSpec, option_specs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from aframe_data.types import (
        CatalogEvent,
        ComplexArray,
        FloatArray,
        Polarizations,
        SegmentQuery,
        SegmentResult,
        StrainRequest,
        StrainSeries,
        WaveformRequest,
    )

Frame = Literal["source", "detector"]

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_TARGET = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


@dataclass(frozen=True, kw_only=True)
class Provider:
    """What every kind of provider says of itself.

    Attributes
    ----------
    name
        What the user types: lower-case letters, digits, ``-`` and ``_``.
    summary
        One sentence for ``plugins list``.
    load
        ``"package.module:Class"``, imported on first use.
    options
        A frozen dataclass whose fields are made by `aframe_data.options.option`, or None.
    requires
        Import names of packages beyond aframe-data's own dependencies.
    install
        The command that installs them.
    aliases
        Further names that find this provider.
    automatic
        Whether ``auto`` may choose it. False for what only a user can ask for (simulated data).
    """

    kind: ClassVar[str]
    title: ClassVar[str]
    _texts: ClassVar[tuple[str, ...]] = ()

    name: str
    summary: str
    load: str
    options: type | None = None
    requires: tuple[str, ...] = ()
    install: str = ""
    aliases: tuple[str, ...] = ()
    automatic: bool = True

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"provider name {self.name!r} must be of lower-case letters, digits, '-' and '_'")
        if not _TARGET.fullmatch(self.load):
            raise ValueError(f"load of provider {self.name!r} must read 'package.module:Class', not {self.load!r}")
        if not self.summary.strip():
            raise ValueError(f"provider {self.name!r} needs a summary")
        if self.requires and not self.install:
            raise ValueError(f"provider {self.name!r} requires packages and must say how to install them")
        for field in ("requires", "aliases", *self._texts):
            texts = getattr(self, field)
            # A bare text is a sequence of texts too, of single letters: the likeliest mistake in a record.
            if texts is not None and not (isinstance(texts, tuple) and all(isinstance(text, str) for text in texts)):
                raise ValueError(f"{field} of provider {self.name!r} must be a tuple of texts, not {texts!r}")
        option_specs(self.options)

    @property
    def option_specs(self) -> tuple[OptionSpec, ...]:
        """The options of this provider."""
        return option_specs(self.options)


def _compiled(owner: Provider, patterns: tuple[str, ...]) -> None:
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"provider {owner.name!r} has a bad pattern {pattern!r}: {error}") from error


def _matches(patterns: tuple[str, ...], text: str) -> bool:
    return any(re.fullmatch(pattern, text) for pattern in patterns)


@dataclass(frozen=True, kw_only=True)
class SegmentSourceProvider(Provider):
    """A source of science-mode and data-quality segments.

    Attributes
    ----------
    flags
        Regular expressions; a flag belongs to this source if one of them matches all of it.
    catalog
        Whether the class is an `EventCatalog` too.
    """

    kind = "segments"
    title = "segment source"
    _texts = ("flags",)

    flags: tuple[str, ...] = (r".+",)
    catalog: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        _compiled(self, self.flags)

    def accepts(self, flag: str) -> bool:
        """Whether this source can be asked for `flag`."""
        return _matches(self.flags, flag)


@dataclass(frozen=True, kw_only=True)
class StrainFetcherProvider(Provider):
    """A source of strain.

    Attributes
    ----------
    channels
        Regular expressions; a channel belongs to this fetcher if one of them matches all of it.
    alignment
        Length, in seconds, of the archive's own files, which start at its multiples (4096 for open data):
        the core cuts a long span into blocks at these times.
    """

    kind = "strain"
    title = "strain fetcher"
    _texts = ("channels",)

    channels: tuple[str, ...] = (r".+",)
    alignment: int = 4096

    def __post_init__(self) -> None:
        super().__post_init__()
        _compiled(self, self.channels)
        if self.alignment < 1:
            raise ValueError(f"alignment of provider {self.name!r} must be at least one second")

    def accepts(self, channel: str) -> bool:
        """Whether this fetcher can be asked for `channel`."""
        return _matches(self.channels, channel)


@dataclass(frozen=True, kw_only=True)
class PriorProvider(Provider):
    """A population of signals.

    Attributes
    ----------
    parameters
        The names that a draw has, or None if only the loaded prior knows (a file).
    frame
        The frame of its masses, or None if only the loaded prior knows.
    pattern
        A regular expression. ``--prior TEXT`` that is no provider's name goes to the first provider whose
        pattern matches all of it; the option named by `pattern_option` gets the text.
    pattern_option
        See `pattern`.
    """

    kind = "prior"
    title = "prior"
    _texts = ("parameters",)

    parameters: tuple[str, ...] | None = None
    frame: Frame | None = None
    pattern: str | None = None
    pattern_option: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.pattern is None) != (self.pattern_option is None):
            raise ValueError(f"provider {self.name!r} must give pattern and pattern_option together")
        if self.pattern is not None:
            _compiled(self, (self.pattern,))
            if self.pattern_option not in {spec.name for spec in self.option_specs}:
                raise ValueError(f"pattern_option {self.pattern_option!r} of provider {self.name!r} is no option of it")


@dataclass(frozen=True, kw_only=True)
class WaveformGeneratorProvider(Provider):
    """A waveform model, or a family of them.

    Attributes
    ----------
    parameters
        The names that `WaveformGenerator.generate` needs; the core checks that prior and core give them.
    """

    kind = "waveforms"
    title = "waveform generator"
    _texts = ("parameters",)

    parameters: tuple[str, ...] = ()


# --- the real things ----------------------------------------------------------------------------------


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
    """What the class behind a provider with ``catalog=True`` does too."""

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
            No such channel, or the archive has no rate as high as the asked one.
        NoDataError
            The archive holds nothing for the span or for a part of it.
        TransientError
            The archive cannot be reached now; the core tries again.
        """
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
class WaveformGenerator(Protocol):
    """What the class behind a `WaveformGeneratorProvider` does."""

    def check(self, parameters: Mapping[str, FloatArray], request: WaveformRequest) -> None:
        """Refuse, before the work, what this model cannot do; `parameters` are some draws of the prior.

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
            Arrays (n,): the 14 base parameters of the file format with masses in the detector frame and
            spins as bilby's (a, tilt, phi_12, phi_jl) at ``reference_frequency``; and, per signal,
            ``luminosity_distance`` (Mpc), ``minimum_frequency`` and ``reference_frequency`` (Hz);
            whatever else the prior gives (``lambda_1``, …).
        request
            The grid. The sample nearest the model's t = 0 goes to ``request.reference_index``:
            `aframe_data.waveforms.placement.place` does it.

        Returns
        -------
        Polarizations
            plus and cross, (n, size); a signal that fails is named in ``failures`` and does not raise.
        """
        ...


@runtime_checkable
class SpectrumGenerator(Protocol):
    """What a generator of frequency-domain models can do too: the spectrum on any frequencies, cheaply."""

    def spectrum(
        self, parameters: Mapping[str, FloatArray], frequencies: FloatArray
    ) -> tuple[ComplexArray, ComplexArray]:
        """Return plus and cross, (n, k) complex, in strain per hertz, at k frequencies (Hz)."""
        ...
