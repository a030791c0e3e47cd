"""The classes behind providers: imported on use, and checked against what their kind asks for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from aframe_data.errors import AframeDataError, PluginError
from aframe_data.protocols import Prior, SegmentSource, StrainFetcher, WaveformGenerator

if TYPE_CHECKING:
    from collections.abc import Callable

    from aframe_data.manager import Registered

#: What the class behind each kind of provider does.
PROTOCOLS: dict[str, type] = {
    "segments": SegmentSource,
    "strain": StrainFetcher,
    "prior": Prior,
    "waveforms": WaveformGenerator,
}


def load_class(entry: Registered) -> Callable[..., Any]:
    """Import the class behind a provider; errors as `Choice.create`."""
    provider = entry.provider
    entry.require_installed()
    module_name, _, class_name = provider.load.partition(":")
    try:
        cls = getattr(import_module(module_name), class_name)
    except AframeDataError:
        raise
    # A stranger's module may raise anything at import, even SystemExit.
    except (Exception, SystemExit) as error:
        raise PluginError(
            f"{provider.title} {entry.key!r} of {entry.plugin.distribution} does not load: "
            f"{type(error).__name__}: {' '.join(str(error).split())}"
        ) from error
    return cast("Callable[..., Any]", cls)


def check_class(entry: Registered) -> None:
    """Import a provider's class and check, without making an object, that it has its kind's methods.

    Raises
    ------
    AframeDataError
        As `load_class`, or naming the methods that are missing.
    """
    cls = load_class(entry)
    protocol = PROTOCOLS[entry.provider.kind]
    members = [name for name in vars(protocol) if not name.startswith("_")]
    missing = [name for name in members if not hasattr(cls, name) and name not in getattr(cls, "__annotations__", {})]
    if missing:
        raise PluginError(f"{entry.provider.load} lacks {', '.join(missing)}, which a {entry.provider.title} has.")
