"""What is wrong with a provider, in words for its author: what can be found without its archive.

Each function yields faults of one kind, a sentence each. The conformance kit, `aframe_data.testing`, asks much more.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from aframe_data.errors import AframeDataError, MissingDependencyError, UsageError
from aframe_data.plugin.code import loaded
from aframe_data.plugin.values import convert, subject_of
from aframe_data.registry.choice import choose
from aframe_data.registry.loading import check_class
from aframe_data.registry.names import registered
from aframe_data.registry.questions import faults_of_answers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aframe_data.plugin.options import OptionSpec
    from aframe_data.plugin.records import Provider
    from aframe_data.registry.names import Registered


def faults_of(entry: Registered, options: Mapping[str, Any] | None = None) -> list[str]:
    """All that is wrong with a provider, as far as it can be told without asking an archive.

    Parameters
    ----------
    entry
        The registry's entry.
    options
        Values of its options. Without those that it requires, no object is made and nothing is asked.

    Raises
    ------
    MissingDependencyError
        A package that the record requires is not installed: there is nothing to check.
    """
    entry.require_installed()
    found = list(chain(_of_requirements(entry), _of_aliases(entry), _of_options(entry.provider)))
    try:
        check_class(entry)
    except AframeDataError as error:
        return [*found, str(error)]
    return [*found, *_of_object(entry, options or {})]


def _of_requirements(entry: Registered) -> Iterator[str]:
    """Packages that the distribution's metadata asks for and that are not installed, or too old or too new."""
    if entry.plugin.built_in:
        return  # an installation in place has the metadata of the day of its installation
    from importlib_metadata import PackageNotFoundError, distribution, version
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        required = distribution(entry.plugin.distribution).requires or []
    except PackageNotFoundError:  # without a name in its metadata
        return
    for text in required:
        try:
            requirement = Requirement(text)
        except InvalidRequirement as error:
            yield f"the metadata of {entry.plugin.distribution} require {text!r}: {' '.join(str(error).split())}."
            continue
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            installed = version(requirement.name)
        except PackageNotFoundError:
            yield f"{entry.plugin.distribution} requires {requirement}, which is not installed."
            continue
        if not requirement.specifier.contains(installed, prereleases=True):
            yield f"{entry.plugin.distribution} requires {requirement}, and {installed} is installed."


def _of_aliases(entry: Registered) -> Iterator[str]:
    """Aliases that do not find the provider, because somebody else has the name."""
    for alias in entry.provider.aliases:
        for other in registered(entry.provider.kind):
            if other == entry or alias not in (other.key, other.provider.name, *other.provider.aliases):
                continue
            whose = "the built-in" if other.plugin.built_in else f"{other.plugin.distribution}'s"
            if other.plugin.built_in or not entry.plugin.built_in:
                yield f"the alias {alias!r} is a name of {whose} {other.provider.title} {other.key!r}."


def _of_options(provider: Provider) -> Iterator[str]:
    """Declarations that no user could have written: defaults out of their own range, two options of one name."""
    taken: dict[str, str] = {}
    for spec in provider.option_specs:
        for spelling in spec.spellings:
            if spelling in taken:
                yield f"the options {taken[spelling]!r} and {spec.name!r} are both called --{spelling}."
            taken.setdefault(spelling, spec.name)
        if not spec.help.strip():
            yield f"the option {spec.name!r} has no help."
        if spec.minimum is not None and spec.maximum is not None and spec.minimum > spec.maximum:
            yield f"the option {spec.name!r} has minimum {spec.minimum:g} above maximum {spec.maximum:g}."
        yield from _of_default(provider, spec)
        if spec.names:
            try:
                loaded(spec.names)
            except Exception as error:  # noqa: BLE001 - whatever a stranger's module raises
                yield f"the option {spec.name!r} has names={spec.names!r}, which cannot be loaded: {_told(error)}."


def _of_default(provider: Provider, spec: OptionSpec) -> Iterator[str]:
    """What is wrong with the value that nobody typed."""
    if spec.required or spec.parse is not None:
        return
    if spec.default is None:
        if not spec.optional:
            yield f"the option {spec.name!r} has the default None, and its type has no None."
        return
    if spec.many and not isinstance(spec.default, tuple):
        yield f"the default of the option {spec.name!r} must be a tuple, not {spec.default!r}."
        return
    if spec.default in ((), ""):
        return
    try:
        convert(spec, spec.default, subject_of(spec, provider.name))
    except UsageError as error:
        yield f"a default is refused: {error}"
        return
    items = spec.default if spec.many else (spec.default,)
    numbers = (int, float) if spec.type is float else spec.type
    if not all(isinstance(item, numbers) for item in items):
        yield f"the default of the option {spec.name!r} is {spec.default!r}, which is no {spec.type.__name__}."


def _of_object(entry: Registered, options: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the object, and with its answers to a small question."""
    provider = entry.provider
    try:
        choice = choose(provider.kind, entry.key, options)
    except UsageError as error:
        if not any(spec.required for spec in provider.option_specs):
            yield f"its own defaults are refused: {error}"
        return  # it must be told something that only its user knows
    try:
        instance = choice.create()
    except MissingDependencyError:
        raise
    except AframeDataError as error:
        if isinstance(error.__cause__, TypeError):
            given = f"its options ({provider.options.__qualname__})" if provider.options else "no argument"
            yield f"{provider.load} cannot be made: it is given {given}, and {_told(error.__cause__)}."
        else:
            yield str(error)
        return
    yield from faults_of_answers(choice, instance)


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}".rstrip(": ").rstrip(".")
