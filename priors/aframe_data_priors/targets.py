"""From a dotted path to what the function at its end returns. Knows nothing of priors."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import TYPE_CHECKING, Any

from aframe_data.errors import UsageError, did_you_mean
from aframe_data.plugin.code import module_file, working_directory_first

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def call_target(target: str, known: Sequence[str] = ()) -> Any:
    """Import the function at a dotted path and call it without arguments.

    The current working directory comes first among the places where modules are looked for, as with
    ``python -m``, while the function is imported and called. `known` are names that the user may have meant
    where no such module exists.

    Raises
    ------
    UsageError
        It cannot be imported, is no function, needs arguments, or raises something.
    """
    with working_directory_first():
        return call(target, _import(target, known))


def call(name: str, function: Callable[..., Any]) -> Any:
    """Call a function without arguments; `name` is what errors call it.

    Raises
    ------
    UsageError
        It needs arguments, or raises something.
    """
    _require_no_arguments(name, function)
    try:
        return function()
    # A user's function may raise anything.
    except Exception as error:
        raise UsageError(f"prior {name!r} failed: {in_one_line(error)}.") from error


def in_one_line(error: Exception) -> str:
    """Give the error's kind and its message, without line breaks and without a dot at the end."""
    text = " ".join(str(error).split()).rstrip(".")
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _import(target: str, known: Sequence[str]) -> Callable[[], Any]:
    module_name, _, name = target.rpartition(".")
    try:
        module = import_module(module_name)
    # A user's module may raise anything at import.
    except Exception as error:
        if module_file(module_name) is not None:
            raise UsageError(f"prior {target!r} cannot be imported: {in_one_line(error)}.") from error
        raise UsageError(
            f"prior {target!r} is neither a known prior nor can it be imported: {in_one_line(error)}."
            f"{did_you_mean(name, known)} "
            "Allowed are a known prior (aframe-data plugins list --kind prior), a .prior file, or the dotted "
            "path of a function."
        ) from error
    functions = [key for key, value in vars(module).items() if callable(value) and not key.startswith("_")]
    if not hasattr(module, name):
        raise UsageError(
            f"prior {target!r} cannot be imported: there is no {name!r} in {module_name}."
            f"{did_you_mean(name, functions)}"
        )
    function = getattr(module, name)
    if not callable(function):
        raise UsageError(
            f"prior {target!r} is not a function but {type(function).__name__}; "
            "allowed is a function that returns a bilby PriorDict."
        )
    found: Callable[[], Any] = function
    return found


def _require_no_arguments(target: str, function: Callable[..., Any]) -> None:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError) as error:
        raise UsageError(f"prior {target!r} is not a Python function that can be called without arguments.") from error
    optional = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    required = [item.name for item in parameters if item.default is item.empty and item.kind not in optional]
    if required:
        raise UsageError(
            f"prior {target!r} needs arguments ({', '.join(required)}); allowed is a function that needs none: "
            "write one that calls it."
        )
