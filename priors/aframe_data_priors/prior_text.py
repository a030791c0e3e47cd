"""The text of a bilby ``.prior`` file, read without running any of it.

bilby evaluates parts of such a file and imports what its lines name, so that a file from a stranger is a program.
Here each line is parsed, and only what is named below is made of it; bilby never sees the text.
"""

from __future__ import annotations

import ast
import math
import operator
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data.checks import require_file
from aframe_data.errors import UsageError, did_you_mean
from aframe_data_priors.bilby_library import bilby
from aframe_data_priors.targets import in_one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: In bytes. The largest files, with splines of calibration for several detectors, have some 100 kB.
LARGEST_FILE = 2**20
#: Bytes of a file that a line names, and categories that it counts.
_LARGEST_TABLE, _MOST_CATEGORIES = 256 * 2**20, 10**6
#: First arguments of the distributions to which these limits apply.
_FIRST = ("file_name", "hp_file", "ncategories")

_WANTED = (
    "A line reads like: mass_1 = Uniform(name='mass_1', minimum=5, maximum=100), with bilby's own distributions, "
    "numbers, text and arithmetic with np.pi and the like. What needs code belongs in a function, given by its "
    "dotted path: --prior my_package.my_population"
)

_CONSTANTS = {"inf": np.inf, "pi": np.pi} | {
    f"{module}.{name}": getattr(math, name)
    for module in ("np", "numpy", "math")
    for name in ("pi", "e", "inf", "nan", "tau")
    if hasattr(np, name) or module == "math"
}
#: Besides functions of numbers, what numpy prints around a number, and bilby into the files that it writes.
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    f"{module}.{name}": getattr(np, name)
    for module in ("np", "numpy")
    for name in (
        *("sqrt", "exp", "log", "log2", "log10", "deg2rad", "rad2deg", "radians", "degrees", "float64"),
        *("sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "abs"),
    )
}
_OPERATORS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    # Of floats it overflows, where whole numbers would take all memory.
    ast.Pow: lambda base, exponent: float(base) ** exponent,
}


class _NotReadError(Exception):
    """What a line has that is not read: the message is for the user."""


def read_prior_file(path: Path, label: str) -> dict[str, Any]:
    """Make a bilby distribution, or a float, of each parameter of a file, in its order.

    Of lines for one name the last one counts, at the place of the first, as in bilby.

    Raises
    ------
    UsageError
        A line has something else than bilby's distributions, or bilby refuses what it gives them. The message
        begins with `label` and the number of the line.
    """
    if path.stat().st_size > LARGEST_FILE:
        raise UsageError(f"{label} is larger than {LARGEST_FILE} bytes, too large for a prior file.")
    lines: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").split("\n"), start=1):
        if line.startswith("#") or not line.strip():
            continue
        name, _, value = line.partition("=")
        lines[name.strip()] = (number, value.strip())
    joint: dict[str, Any] = {}
    priors: dict[str, Any] = {}
    for name, (number, text) in lines.items():
        try:
            value = _entry(name, text, joint)
        except _NotReadError as error:
            raise UsageError(f"{label}, line {number}: {error} {_WANTED}.") from None
        # The classes of bilby may raise anything about what they are given.
        except Exception as error:
            raise UsageError(
                f"{label}, line {number}: bilby makes no distribution of {_cut(text)!r}: {in_one_line(error)}. "
                f"{_WANTED}."
            ) from error
        (joint if isinstance(value, bilby.core.prior.BaseJointPriorDist) else priors)[name] = value
    return priors


def _entry(name: str, text: str, joint: Mapping[str, Any]) -> Any:
    """Give what one line makes of its name."""
    if not name.isidentifier():
        raise _NotReadError(f"{_cut(name)!r} is not the name of a parameter.")
    if not text:
        raise _NotReadError(f"{name} has no value.")
    try:
        with warnings.catch_warnings():
            # Of backslashes in the LaTeX of labels.
            warnings.simplefilter("ignore")
            tree = ast.parse(text, mode="eval").body
        value = _value(tree, joint)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise _NotReadError(f"{_cut(text)!r} cannot be parsed: {in_one_line(error)}.") from error
    known = (int, float, bilby.core.prior.Prior, bilby.core.prior.BaseJointPriorDist)
    if isinstance(value, bool) or not isinstance(value, known):
        raise _NotReadError(f"{name} = {_cut(text)!r} is neither a distribution that bilby knows nor a number.")
    return float(value) if isinstance(value, int) else value


def _value(node: ast.expr, joint: Mapping[str, Any]) -> Any:  # noqa: PLR0911 - one a kind of expression
    """Give what an expression is, with the joint distributions of the lines before."""
    match node:
        case ast.Constant(value=bool() | int() | float() | str() | None as value):
            return value
        case ast.List(elts=items):
            return [_value(item, joint) for item in items]
        case ast.Tuple(elts=items):
            return tuple(_value(item, joint) for item in items)
        case ast.Dict(keys=keys, values=values) if None not in keys:
            return {
                _value(key, joint): _value(item, joint)
                for key, item in zip(keys, values, strict=True)
                if key is not None
            }
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            number = _number(operand, joint)
            return -number if isinstance(sign, ast.USub) else number
        case ast.BinOp(left=left, op=operation, right=right) if type(operation) in _OPERATORS:
            return _OPERATORS[type(operation)](_number(left, joint), _number(right, joint))
        case ast.Name(id=name):
            # A bare word is text to bilby.
            return _CONSTANTS.get(name, name)
        case ast.Attribute():
            return _named(node)
        case ast.Call(func=function, args=arguments, keywords=keywords):
            return _made(function, arguments, keywords, joint)
    raise _refused(node)


def _number(node: ast.expr, joint: Mapping[str, Any]) -> Any:
    value = _value(node, joint)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _NotReadError(f"{_cut(ast.unparse(node))!r} is not a number.")
    return value


def _named(node: ast.expr) -> Any:
    """Give the constant, or the condition of bilby, that a dotted name means."""
    dotted = _dotted(node)
    if dotted in _CONSTANTS:
        return _CONSTANTS[dotted]
    module, _, name = dotted.rpartition(".")
    if module == "bilby.gw.prior" and name.endswith("_condition_function") and hasattr(bilby.gw.prior, name):
        return getattr(bilby.gw.prior, name)
    raise _refused(node)


def _made(function: ast.expr, arguments: list[ast.expr], keywords: list[ast.keyword], joint: Mapping[str, Any]) -> Any:
    """Call a class of bilby, or a function of numbers."""
    dotted = _dotted(function)
    make = _FUNCTIONS.get(dotted) or _distribution(dotted)
    positional = [_value(argument, joint) for argument in arguments]
    named: dict[str, Any] = {}
    for keyword in keywords:
        if keyword.arg is None:
            raise _refused(keyword.value)
        named[keyword.arg] = _value(keyword.value, joint)
    for text in (*positional, *named.values()):
        # Those who read files, numpy and astropy, would download.
        if isinstance(text, str) and "://" in text:
            raise _NotReadError(f"{_cut(text)!r} is an address; a file has to be on this machine.")
    if isinstance(make, type) and issubclass(make, bilby.core.prior.JointPrior):
        dist = named.get("dist")
        if not isinstance(dist, str) or dist not in joint:
            raise _NotReadError(f"{dotted} needs dist=NAME, with the NAME of a joint distribution in a line above.")
        named["dist"] = joint[dist]
    _require_bounded(make, next(iter((*positional, *(named[name] for name in _FIRST if name in named))), None))
    return make(*positional, **named)


def _require_bounded(make: Callable[..., Any], first: Any) -> None:
    """Refuse what takes all memory, or waits for ever: files that are none, and lists that a number makes."""
    prior = bilby.core.prior
    if make in (prior.FromFile, bilby.gw.prior.HealPixMapPriorDist) and isinstance(first, str):
        try:
            require_file(Path(first), most=_LARGEST_TABLE)
        except UsageError as error:
            raise _NotReadError(str(error)) from None
    counts = make in (prior.Categorical, prior.WeightedCategorical) and isinstance(first, (int, float))
    if counts and not first <= _MOST_CATEGORIES:
        raise _NotReadError(f"more than {_MOST_CATEGORIES} categories are too many.")


def _distribution(dotted: str) -> Callable[..., Any]:
    """Give the class of bilby of that name; a bare one is of bilby.core.prior, as in bilby."""
    core = "bilby.core.prior"
    module, _, name = dotted.rpartition(".")
    module = module or core
    allowed = module in (core, "bilby.gw.prior") or module.startswith(f"{core}.")
    members = vars(sys.modules[module]) if allowed and module in sys.modules else {}
    found: Any = members.get(name)
    classes = (bilby.core.prior.Prior, bilby.core.prior.BaseJointPriorDist)
    if isinstance(found, type) and issubclass(found, classes):
        return found
    names = [key for key, value in members.items() if isinstance(value, type) and issubclass(value, classes)]
    raise _NotReadError(f"{_cut(dotted)!r} is not a distribution of bilby.{did_you_mean(name, names)}")


def _dotted(node: ast.expr) -> str:
    """Give the dotted name that an expression is."""
    names: list[str] = []
    part = node
    while isinstance(part, ast.Attribute):
        names.append(part.attr)
        part = part.value
    if not isinstance(part, ast.Name):
        raise _refused(node)
    return ".".join((part.id, *reversed(names)))


def _refused(node: ast.expr) -> _NotReadError:
    return _NotReadError(f"{_cut(ast.unparse(node))!r} is not read, as it may be code.")


def _cut(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"
