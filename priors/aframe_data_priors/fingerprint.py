"""What tells one PriorDict from another: distributions, in their order, and functions by their source."""

from __future__ import annotations

import hashlib
import inspect
import re
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aframe_data.plugin.records import Frame

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def fingerprint(priors: Any, frame: Frame | None) -> str:
    """Hash what a PriorDict draws from: the same for equal ones in any process, and no address in it.

    Functions and classes of the user's own count by their source, defaults and closures; bilby's by their names, so
    that another version of it makes no difference.
    """
    with np.printoptions(threshold=sys.maxsize, floatmode="unique"):
        text = "\n".join(_lines(priors, frame))
    return hashlib.sha256(_ADDRESS.sub("", text).encode()).hexdigest()


def _lines(priors: Any, frame: Frame | None) -> Iterator[str]:
    yield f"frame {frame}"
    yield from _code(type(priors))
    yield from _code(priors.conversion_function)
    for name, prior in priors.items():
        yield f"{name} = {prior!r}"
        yield from _code(type(prior))
        for value in vars(prior).values():
            if inspect.isroutine(value) or isinstance(value, partial):
                yield from _code(value)


def _code(given: Any) -> Iterator[str]:
    """What a function or a class does, as far as it can be read."""
    if isinstance(given, partial):
        yield f"partial {given.args!r} {given.keywords!r}"
        yield from _code(given.func)
        return
    yield f"{given.__module__}.{given.__qualname__}"
    if str(given.__module__).partition(".")[0] == "bilby":
        return
    function = getattr(given, "__func__", given)
    try:
        yield inspect.getsource(function)
    except (OSError, TypeError):  # typed into a session, or made by a compiler
        code = getattr(function, "__code__", None)
        yield repr(code and (code.co_code, code.co_consts, code.co_names))
    yield repr(getattr(function, "__defaults__", None))
    if inspect.isfunction(function):
        yield repr(inspect.getclosurevars(function).nonlocals)
