"""The classes behind providers: imported on use, and checked against what their kind asks for."""

from __future__ import annotations

from threading import Timer
from typing import TYPE_CHECKING, Any, cast

from aframe_data import plugin
from aframe_data.errors import AframeDataError, PluginError
from aframe_data.plugin.code import loaded
from aframe_data.plugin.records import Provider, SegmentSourceProvider, StrainFetcherProvider

if TYPE_CHECKING:
    from collections.abc import Callable

    from aframe_data.registry.names import Registered

#: Seconds of an import after which a person is told what is waited for.
_PATIENCE = 30.0

#: By the kind of provider; they are imported where a class is, which no help page needs.
_PROTOCOLS = {
    "segments": "SegmentSource",
    "strain": "StrainFetcher",
    "prior": "Prior",
    "waveforms": "WaveformGenerator",
    "source-kind": "SourceKind",
    "export": "Export",
}


def protocols_of(provider: Provider) -> dict[type, str]:
    """What the class behind a provider does, and who says so: its kind, and what its record promises besides."""
    protocols: dict[type, str] = {getattr(plugin, _PROTOCOLS[provider.kind]): f"a {provider.title} has"}
    if isinstance(provider, SegmentSourceProvider) and provider.catalog:
        protocols[plugin.EventCatalog] = "its record promises with catalog=True"
    if isinstance(provider, StrainFetcherProvider) and provider.files:
        protocols[plugin.FileFetcher] = "its record promises with files=True"
    return protocols


def settle_object(entry: Registered, options: Any) -> Any:
    """The options that travel to worker processes, of those that hold a Python object; errors are the provider's."""
    entry.require_installed()
    return loaded(getattr(entry.provider, "objects", ""))(options)


def load_class(entry: Registered) -> Callable[..., Any]:
    """Import the class behind a provider; errors as `Choice.create`."""
    import logging  # a help page does without

    provider = entry.provider
    entry.require_installed()
    whose = f"{provider.title} {entry.key!r} of {entry.plugin.distribution}"
    waiting = Timer(
        _PATIENCE, logging.getLogger(__name__).warning, ("still importing %s, the %s", provider.load, whose)
    )
    waiting.daemon = True
    waiting.start()
    try:
        cls = loaded(provider.load)
    except AframeDataError:
        raise
    # A stranger's module may raise anything at import, even SystemExit.
    except (Exception, SystemExit) as error:
        raise PluginError(f"{whose} does not load: {type(error).__name__}: {' '.join(str(error).split())}") from error
    finally:
        waiting.cancel()
        waiting.join()  # processes are forked from this one
    return cast("Callable[..., Any]", cls)


def check_class(entry: Registered) -> None:
    """Import a provider's class and check, without making an object, that it has the methods of its protocols.

    Raises
    ------
    AframeDataError
        As `load_class`, or naming the methods that are missing.
    """
    cls = load_class(entry)
    for protocol, reason in protocols_of(entry.provider).items():
        members = [name for name in vars(protocol) if not name.startswith("_")]
        annotated = getattr(cls, "__annotations__", {})
        missing = [name for name in members if not hasattr(cls, name) and name not in annotated]
        if missing:
            raise PluginError(f"{entry.provider.load} lacks {', '.join(missing)}, which {reason}.")
