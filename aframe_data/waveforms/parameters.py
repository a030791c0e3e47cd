"""An older path of `aframe_data.plugin.binary`."""

from aframe_data.plugin.binary import *  # noqa: F403
