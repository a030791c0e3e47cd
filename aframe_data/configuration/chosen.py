"""The providers that a request names, and their options, which it then has too: ``fetch --source nds2``."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from aframe_data.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from aframe_data.configuration.file import Setting, Settings
    from aframe_data.plugin.options import OptionSpec
    from aframe_data.registry.names import Registered
    from aframe_data.requests.declaration import Chooses, Field


class ProviderOption(NamedTuple):
    """One option of a chosen provider.

    Attributes
    ----------
    chooses
        What the field says that names the provider.
    entry, spec
        The provider, and its option.
    names
        By which the option may be called, without dashes in front: with the provider's name before it, and barely
        where that is unambiguous.
    """

    chooses: Chooses
    entry: Registered
    spec: OptionSpec
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name that no other provider's option has."""
        return self.names[0]


def chosen_providers(
    fields: Collection[Field], given: Callable[[str], Sequence[str]]
) -> list[tuple[Chooses, Registered]]:
    """The providers whose options a request may have.

    Parameters
    ----------
    given
        The items of the list that a field is given, as far as that is known.
    """
    from aframe_data.registry.candidates import with_options

    found = []
    for field in fields:
        chooses = field.chooses
        if chooses is not None:
            open_ended = any(given(name) for name in chooses.more_wanted)
            wanted = None if open_ended else [item for name in chooses.wanted for item in given(name)]
            entries = with_options(chooses.kind, given(field.name), wanted=wanted, automatic=chooses.automatic)
            found += [(chooses, entry) for entry in entries]
    return found


def provider_options(entries: Sequence[tuple[Chooses, Registered]], taken: Collection[str]) -> Iterator[ProviderOption]:
    """The options of the chosen providers; a bare name only where it is unambiguous, and none of those `taken`."""
    bare = [name for _, entry in entries for spec in entry.provider.option_specs for name in spec.spellings]
    for chooses, entry in entries:
        hidden = getattr(entry.provider, "pattern_option", None)
        for spec in entry.provider.option_specs:
            if spec.name != hidden:
                unambiguous = (name for name in spec.spellings if bare.count(name) == 1 and name not in taken)
                qualified = _qualified(entry, spec)
                names = dict.fromkeys((qualified[0], *unambiguous, *qualified))
                yield ProviderOption(chooses, entry, spec, tuple(names))


def _qualified(entry: Registered, spec: OptionSpec) -> list[str]:
    """The names of an option that have the provider's before them."""
    return [f"{entry.provider.name.replace('_', '-')}-{name}" for name in spec.spellings]


def explain(name: str, entries: Sequence[Registered]) -> None:
    """Raise a better error than "no such option" where the option is some provider's."""
    from aframe_data.registry.ownership import owner_of, owners_of

    if owners_of(name):
        owner_of(entries, name)


def is_qualified(name: str) -> bool:
    """Whether a name is an option of some provider, with that provider's name before it."""
    from aframe_data.registry.names import everything_registered

    return any(
        name in _qualified(entry, spec) for entry in everything_registered() for spec in entry.provider.option_specs
    )


def require_no_owner(settings: Settings, setting: Setting, name: str) -> None:
    """Refuse the bare name of a provider's option where several commands read it, and say how to write it."""
    from aframe_data.registry.ownership import owners_of

    for entry in owners_of(name.removeprefix("no-")):
        provider = entry.provider
        spec = next(spec for spec in provider.option_specs if name.removeprefix("no-") in spec.spellings)
        raise UsageError(
            f"{settings.path}: {setting.key!r} at the top is not an option of a provider: write "
            f"{spec.qualified_flag(provider.name)!r}, or put it into a table [{provider.name}]."
        )


def require_tables(settings: Settings, others: Mapping[str, Collection[str]]) -> None:
    """Refuse tables of a configuration that nobody reads.

    Parameters
    ----------
    others
        Names of tables that are not of a provider, by what they are the names of; those in tables as ``table.name``.
    """
    if not settings.tables:
        return
    from aframe_data.registry.names import everything_registered

    providers = {entry.provider.name.replace("_", "-"): entry.provider.name for entry in everything_registered()}
    for table in settings.tables:
        section, _, name = table.rpartition(".")
        beside = [
            (kind, other.rpartition(".")[2])
            for kind, names in others.items()
            for other in names
            if other.rpartition(".")[0] == section
        ]
        near = [known for _, known in beside]
        if name.replace("_", "-") not in providers and name not in near:
            kinds = ", ".join(dict.fromkeys(kind for kind, _ in beside))
            of = f"{kinds} or provider" if kinds else "provider"
            hint = did_you_mean(name, [*near, *providers.values()])
            raise UsageError(f"{settings.path}: [{table}] is not the name of a {of}.{hint}")
