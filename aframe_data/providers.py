"""An older path of `aframe_data.plugin.records`."""

from aframe_data.plugin.records import *  # noqa: F403
