"""An older path of `aframe_data.plugin.hooks`."""

from aframe_data.plugin.hooks import *  # noqa: F403
