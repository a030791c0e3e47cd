"""Strangers' plugins inside this process."""

from plugin_factory import strangers

__all__ = ["strangers"]
