"""An older path of `aframe_data.plugin.placement`."""

from aframe_data.plugin.placement import *  # noqa: F403
