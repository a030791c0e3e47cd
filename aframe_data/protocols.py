"""An older path of `aframe_data.plugin.protocols`."""

from aframe_data.plugin.protocols import *  # noqa: F403
