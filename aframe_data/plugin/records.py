"""What a plugin gives: light records that say what a provider is; `aframe_data.plugin.protocols` says what it does.

A record costs nothing to make: the class behind it is named (``"package.module:Class"``) and imported on
first use. The class is made with the provider's resolved options as its only argument, or with no argument
where the record declares no options.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Literal

from aframe_data import __version__
from aframe_data.plugin.options import OptionSpec, option_specs

Frame = Literal["source", "detector"]

#: Said in place of a provider's name: one is chosen that fits.
AUTO = "auto"

#: The version of all that `aframe_data.plugin` gives. It changes only with what breaks plugins: see docs/plugins.md.
API_VERSION = 1

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_QUALIFIED = re.compile(rf"(?:[a-z0-9][a-z0-9_.-]*:)?{_NAME.pattern}")
#: An alias may be a dotted path too, as configurations of other projects name what stands here.
_ALIAS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_TARGET = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


@dataclass(frozen=True, kw_only=True)
class Provider:
    """What every kind of provider says about itself.

    Attributes
    ----------
    name
        What the user types: lower-case letters, digits, ``-`` and ``_``.
    summary
        One sentence for ``plugins list``.
    load
        ``"package.module:Class"``, imported on first use.
    options
        A frozen dataclass whose fields are made by `aframe_data.plugin.options.option`, or None.
    requires, install
        Import names of packages beyond aframe-data's own dependencies, and the command that installs them.
    aliases
        Further names that find this provider.
    automatic
        Whether ``auto`` may choose it. False for what a user must ask for by name (simulated data).
    api_version
        The `API_VERSION` that the plugin was written for, if it says so. Another version is refused in one line.
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
    api_version: int = API_VERSION

    def __post_init__(self) -> None:
        if self.api_version != API_VERSION:
            newer = "aframe-data" if self.api_version > API_VERSION else "the plugin"
            raise ValueError(
                f"provider {self.name!r} is for version {self.api_version} of the plugin API, and aframe-data "
                f"{__version__} has version {API_VERSION}: install a newer release of {newer}"
            )
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
        for alias in self.aliases:
            if not _ALIAS.fullmatch(alias):
                raise ValueError(f"alias {alias!r} of provider {self.name!r} is neither a name nor a dotted path")
        option_specs(self.options)

    @property
    def option_specs(self) -> tuple[OptionSpec, ...]:
        """The options of this provider."""
        return option_specs(self.options)


def _require_pattern(owner: Provider, pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"provider {owner.name!r} has a bad pattern {pattern!r}: {error}") from error


@dataclass(frozen=True, kw_only=True)
class ArchiveProvider(Provider):
    """What sources of segments and of strain have in common: the names of what they can be asked for.

    Attributes
    ----------
    example
        A flag or a channel and a GPS second that the archive has: ``plugins check --online`` asks for them.
    """

    example: tuple[str, int] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        for pattern in self.patterns:
            _require_pattern(self, pattern)
        if self.example is not None and not self.accepts(self.example[0]):
            raise ValueError(f"provider {self.name!r} does not accept its own example, {self.example[0]!r}")

    @property
    def patterns(self) -> tuple[str, ...]:
        """Regular expressions of the flags or the channels that belong to it."""
        patterns: tuple[str, ...] = getattr(self, self._texts[0])
        return patterns

    def accepts(self, name: str) -> bool:
        """Whether it can be asked for a flag or a channel."""
        return any(re.fullmatch(pattern, name) for pattern in self.patterns)


@dataclass(frozen=True, kw_only=True)
class SegmentSourceProvider(ArchiveProvider):
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


@dataclass(frozen=True, kw_only=True)
class StrainFetcherProvider(ArchiveProvider):
    """A source of strain.

    Attributes
    ----------
    channels
        Regular expressions; a channel belongs to this fetcher if one of them matches all of it.
    alignment
        Length, in seconds, of the archive's own files, which start at its multiples (4096 for open data):
        the core cuts a long span into blocks at these times.
    files
        Whether the class is a `FileFetcher` too.
    """

    kind = "strain"
    title = "strain fetcher"
    _texts = ("channels",)

    channels: tuple[str, ...] = (r".+",)
    alignment: int = 4096
    files: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.alignment < 1:
            raise ValueError(f"alignment of provider {self.name!r} must be at least one second")


@dataclass(frozen=True, kw_only=True)
class PriorProvider(Provider):
    """A population of signals.

    Attributes
    ----------
    parameters, frame
        The names that a draw has, and the frame of its masses; None if only the loaded prior knows (a file).
    pattern, pattern_option
        A regular expression, and the name of an option. ``--prior TEXT`` that is no provider's name goes to that option
        of the first provider whose pattern matches all of it; and before any provider's alias, if the option is of the
        type `Code` and the text a dotted path whose module exists.
    objects
        ``"package.module:function"`` of a provider that also takes Python objects in place of a name. Such an object
        is in `pattern_option`, a `Code`; the function turns these options into those that are sent to worker processes.
    """

    kind = "prior"
    title = "prior"
    _texts = ("parameters",)

    parameters: tuple[str, ...] | None = None
    frame: Frame | None = None
    pattern: str | None = None
    pattern_option: str | None = None
    objects: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.pattern is None) != (self.pattern_option is None):
            raise ValueError(f"provider {self.name!r} must give pattern and pattern_option together")
        if self.objects and not (_TARGET.fullmatch(self.objects) and self.pattern_option):
            raise ValueError(f"objects of provider {self.name!r} must read 'package.module:function', beside a pattern")
        if self.pattern is not None:
            _require_pattern(self, self.pattern)
            if self.pattern_option not in {spec.name for spec in self.option_specs}:
                raise ValueError(
                    f"pattern_option {self.pattern_option!r} of provider {self.name!r} is not an option of it"
                )


#: The kind of sources of a waveform generator whose record names none.
USUAL_SIGNALS = "binary"


@dataclass(frozen=True, kw_only=True)
class WaveformGeneratorProvider(Provider):
    """A waveform model, or a family of them.

    Attributes
    ----------
    parameters
        The parameters that `WaveformGenerator.generate` needs. The core checks that they are provided.
    signals
        The name of the source kind whose signals it makes: see `SourceKindProvider`.
    batch
        How many signals it handles best at once: `generate` and `spectrum` never get more. None leaves it to the
        core, which passes tens.
    """

    kind = "waveforms"
    title = "waveform generator"
    _texts = ("parameters",)

    parameters: tuple[str, ...] = ()
    signals: str = USUAL_SIGNALS
    batch: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if not _QUALIFIED.fullmatch(self.signals):
            raise ValueError(f"signals of provider {self.name!r} must name a source kind, not {self.signals!r}")
        if self.batch is not None and not (isinstance(self.batch, int) and self.batch >= 1):
            raise ValueError(f"batch of provider {self.name!r} must be a whole number of signals, not {self.batch!r}")


@dataclass(frozen=True, kw_only=True)
class SourceKindProvider(Provider):
    """A kind of sources, whose name is what records of waveform generators say in `signals`."""

    kind, title = "source-kind", "source kind"


#: What an export may take: files of signals, and of strain.
SIGNALS, STRAIN = "signals", "strain"


@dataclass(frozen=True, kw_only=True)
class ExportProvider(Provider):
    """A converter of finished files for another tool.

    Attributes
    ----------
    takes
        What it converts: ``"signals"`` (files of waveforms or parameters), ``"strain"`` (background files), or both.
    needs
        Parameters that a file of signals must have, such as ``"injection_time"``.
    folder
        Whether it makes a folder. Otherwise it makes one file, from one file of signals.
    """

    kind = "export"
    title = "export"
    _texts = ("takes", "needs")

    takes: tuple[str, ...]
    needs: tuple[str, ...] = ()
    folder: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.takes or not {*self.takes} <= {SIGNALS, STRAIN}:
            raise ValueError(f"takes of provider {self.name!r} must be of {SIGNALS!r} and {STRAIN!r}, not {self.takes}")
