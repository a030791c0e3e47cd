"""The user's own priors: a bilby ``.prior`` file, or a function that returns a PriorDict.

This is where they are found and refused; `prior_text` reads a file, and `conversion` makes base parameters of
what is drawn.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from astropy import cosmology as cosmologies

from aframe_data.errors import AframeDataError, UsageError
from aframe_data.plugin.binary import BASE_PARAMETERS, missing_parameters
from aframe_data.plugin.code import Code
from aframe_data_priors import register_priors
from aframe_data_priors.bilby_library import bilby, process_state
from aframe_data_priors.conversion import convert
from aframe_data_priors.drawing import BilbyPrior, Population, Samples, draw
from aframe_data_priors.fingerprint import fingerprint
from aframe_data_priors.options import COSMOLOGIES, DEFAULT_COSMOLOGY
from aframe_data_priors.populations import ordered
from aframe_data_priors.prior_paths import find_prior_file
from aframe_data_priors.prior_text import read_prior_file
from aframe_data_priors.targets import call, call_target, in_one_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from numpy.typing import NDArray

    from aframe_data.plugin.records import Frame
    from aframe_data_priors.options import BilbyCallableOptions, BilbyFileOptions

#: What a draw of a user's prior has beside the base parameters, where the prior gives it.
FURTHER_PARAMETERS = ("luminosity_distance", "lambda_1", "lambda_2")


class BilbyFile(BilbyPrior):
    """A bilby ``.prior`` file.

    Whatever bilby can convert may be drawn (see `aframe_data_priors.conversion.convert`). Draws that break one
    of the file's constraints, or that have mass_2 > mass_1, are rejected and drawn again; they are not swapped.

    Raises
    ------
    UsageError
        No such file, one with more than distributions of bilby, a base parameter is missing, or next to no draw
        is accepted.
    """

    def __init__(self, options: BilbyFileOptions) -> None:
        path = find_prior_file(options.path)
        label = f"prior file {str(options.path)!r}"
        with process_state(cosmology=options.cosmology or DEFAULT_COSMOLOGY):
            priors = bilby.gw.prior.CBCPriorDict(read_prior_file(path, label))
        frame = cast("Frame", options.frame)
        super().__init__(_population(label, priors, frame, options.cosmology))


class BilbyCallable(BilbyPrior):
    """A function that returns a PriorDict or (PriorDict, detector_frame), or either of these; else as `BilbyFile`.

    Raises
    ------
    UsageError
        As `BilbyFile`; or the function cannot be imported, needs arguments, fails, or returns something else.
    """

    def __init__(self, options: BilbyCallableOptions) -> None:
        label = f"prior {options.target.name!r}"
        if options.target.value is None:
            with _calling(options):
                returned = call_target(options.target.name, known=[provider.name for provider in register_priors()])
        else:
            returned = options.target.value
        priors, said = _unpack(returned, label)
        if said is not None and options.frame not in (None, said):
            raise UsageError(
                f"{label} says that its masses are in the {said} frame: leave out the frame {options.frame!r}."
            )
        frame = cast("Frame", said or options.frame or "detector")
        super().__init__(_population(label, priors, frame, options.cosmology))


def settled(options: BilbyCallableOptions) -> BilbyCallableOptions:
    """The options with what a function that Python gave returns: a function need not travel to worker processes.

    What is there is copied, since its owner may go on changing it.

    Raises
    ------
    UsageError
        The function needs arguments or fails, or there is no PriorDict.
    """
    code = options.target
    returned = code.value
    if callable(returned):
        with _calling(options):
            returned = call(code.name, returned)
    returned = copy.deepcopy(returned)
    priors, frame = _unpack(returned, f"prior {code.name!r}", verb="returned" if callable(code.value) else "is")
    return replace(options, target=Code(code.name, sha256=fingerprint(priors, frame), value=returned))


def _calling(options: BilbyCallableOptions) -> AbstractContextManager[None]:
    """The state of bilby in which a user's function is called: the same each time."""
    return process_state(rng=np.random.default_rng(0), cosmology=options.cosmology or DEFAULT_COSMOLOGY)


def _unpack(returned: Any, label: str, *, verb: str = "returned") -> tuple[Any, Frame | None]:
    """Give the PriorDict and, if the function says it, the frame."""
    priors, detector_frame = returned if isinstance(returned, tuple) and len(returned) == 2 else (returned, None)
    if not isinstance(priors, bilby.core.prior.PriorDict) or not isinstance(
        detector_frame, (bool, np.bool_, type(None))
    ):
        kind = type(returned).__name__
        if isinstance(returned, tuple):
            kind = f"({', '.join(type(item).__name__ for item in returned)})"
        raise UsageError(f"{label} {verb} {kind}, not a bilby PriorDict or (PriorDict, detector_frame: bool).")
    _require_distributions(priors, label)
    if detector_frame is None:
        return priors, None
    return priors, "detector" if detector_frame else "source"


def _require_distributions(priors: Any, label: str) -> None:
    priors.convert_floats_to_delta_functions()
    for name, value in priors.items():
        if not isinstance(value, bilby.core.prior.Prior):
            raise UsageError(
                f"{label}: {name.strip()} = {value!r} is neither a distribution that bilby knows nor a number."
            )


def _population(label: str, priors: Any, frame: Frame, cosmology: str | None) -> Population:
    """Try a draw and see what it gives.

    Raises
    ------
    UsageError
        It cannot be drawn or converted, a base parameter is missing, or a constraint cannot be computed.
    """
    name = _cosmology(label, priors, cosmology)
    to_base = partial(convert, frame=frame, cosmology=name)
    try:
        with process_state(rng=np.random.default_rng(0), cosmology=name):
            drawn = draw(priors, 2)
            converted = to_base(drawn)
            constrained = _constraint_values(priors, converted)
    except AframeDataError:
        raise
    # The user's own distributions and conversion functions may raise anything.
    except Exception as error:
        raise UsageError(f"{label} cannot be drawn from: {in_one_line(error)}.") from error
    _require_base_parameters(label, drawn, converted)
    unknown = [name for name in _constraints(priors) if name not in constrained]
    if unknown:
        raise UsageError(
            f"{label} has a constraint on {', '.join(unknown)}, which does not follow from what it draws: "
            f"{', '.join(drawn)}."
        )
    return Population(
        label=label,
        priors=priors,
        frame=frame,
        cosmology=name,
        outputs=BASE_PARAMETERS + tuple(name for name in FURTHER_PARAMETERS if name in converted),
        accept=_acceptance(priors),
        rule="0 < mass_2 <= mass_1" + (" and met its constraints" if _constraints(priors) else ""),
        convert=to_base,
    )


def _require_base_parameters(label: str, drawn: Samples, converted: Samples) -> None:
    missing = missing_parameters(converted)
    if missing:
        hint = " (or luminosity_distance)" if "redshift" in missing else ""
        raise UsageError(
            f"{label} does not give {', '.join(missing)}{hint}, nor does it follow from what it draws: "
            f"{', '.join(drawn)}."
        )


def _cosmology(label: str, priors: Any, asked: str | None) -> str:
    """Name the one cosmology of the distance distributions; where there are none, the asked one or Planck15."""
    used = [prior.cosmology for prior in priors.values() if isinstance(prior, bilby.gw.prior.Cosmological)]
    for model in used:
        if model.name not in COSMOLOGIES or getattr(cosmologies, model.name) != model:
            raise UsageError(f"{label} uses the cosmology {model.name!r}; allowed are {', '.join(COSMOLOGIES)}.")
    names = sorted({model.name for model in used})
    if len(names) > 1:
        raise UsageError(f"{label} uses several cosmologies: {', '.join(names)}. Leave one.")
    own = names[0] if names else None
    if own and asked not in (None, own):
        raise UsageError(f"{label} draws its distance in {own}, not in the cosmology {asked!r} that was asked for.")
    return own or asked or DEFAULT_COSMOLOGY


def _constraints(priors: Any) -> dict[str, Any]:
    return {name: prior for name, prior in priors.items() if isinstance(prior, bilby.core.prior.Constraint)}


def _constraint_values(priors: Any, converted: Samples) -> Samples:
    """All that a constraint may be about: what bilby converts to, then what the prior's own function adds."""
    if not _constraints(priors):
        return converted
    return converted | dict(priors.conversion_function(dict(converted)))


def _acceptance(priors: Any) -> Callable[[Samples], NDArray[np.bool_]]:
    constraints = _constraints(priors)

    def accept(converted: Samples) -> NDArray[np.bool_]:
        keep = ordered(converted)
        values = _constraint_values(priors, converted)
        for name, constraint in constraints.items():
            keep &= np.asarray(constraint.prob(values[name]), dtype=bool)
        return keep

    return accept
