"""An older path of `aframe_data.plugin.options`, and of what makes values of them."""

from aframe_data.plugin.options import *  # noqa: F403
from aframe_data.plugin.values import *  # noqa: F403
