"""What the names and values of a configuration mean to one command: its fields, and options of chosen providers."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from aframe_data.configuration.chosen import explain, is_qualified, provider_options, require_no_owner, require_tables
from aframe_data.errors import UsageError, did_you_mean
from aframe_data.plugin.values import convert, is_nothing
from aframe_data.requests import COMMANDS, canonical, request_of
from aframe_data.requests.declaration import shown_fields

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from aframe_data.configuration.chosen import ProviderOption
    from aframe_data.configuration.file import Setting, Settings
    from aframe_data.registry.names import Registered
    from aframe_data.requests.declaration import Chooses, Field

#: Commands that a message names.
_MOST_NAMED = 3


class Target(NamedTuple):
    """What a name stands for, and whether it says the contrary: ``no-tape``."""

    what: Field | ProviderOption
    contrary: bool = False

    @property
    def spec(self) -> Any:
        """The declaration of its values."""
        return getattr(self.what, "spec", self.what)


@dataclass(frozen=True)
class Vocabulary:
    """The names that one command understands.

    Attributes
    ----------
    command
        Its name.
    fields, chosen
        Its own options, and the providers that were chosen.
    others
        Further names, which are not looked at here.
    fixed
        By commands, names of their options whose values nobody may give.
    """

    command: str
    fields: Collection[Field]
    chosen: Sequence[tuple[Chooses, Registered]]
    others: Collection[str] = ()
    fixed: Mapping[str, Collection[str]] = field(default_factory=dict)

    @cached_property
    def options(self) -> tuple[ProviderOption, ...]:
        """The options of the chosen providers."""
        taken = {name for field in self.fields for name in (*field.spellings, field.switch_off.replace("_", "-"))}
        return tuple(provider_options(self.chosen, taken.union(self.others)))

    @cached_property
    def at_top(self) -> dict[str, Target]:
        """The names that count where other commands read too: of a provider's options, those with its name before."""
        own = {name: Target(field) for field in self.fields for name in field.spellings}
        off = {field.switch_off.replace("_", "-"): Target(field, contrary=True) for field in self.fields}
        off.pop("", None)  # of fields without one
        qualified = {
            name: option
            for option in self.options
            for name in option.names
            if name.startswith(f"{option.entry.provider.name.replace('_', '-')}-")
        }
        return {**_with_contraries(qualified), **own, **off}

    @cached_property
    def all(self) -> dict[str, Target]:
        """All names."""
        every = {name: option for option in self.options for name in option.names}
        return {**_with_contraries(every), **self.at_top}

    def values(self, settings: Settings) -> list[tuple[Field | ProviderOption, Any]]:
        """The fields and options that a configuration sets, each with its value, converted and checked.

        Raises
        ------
        UsageError
            A name means nothing here, or a value is not allowed; the file and the key are named.
        """
        require_tables(settings, {"command": COMMANDS})
        found = []
        for name, setting in settings.values.items():
            target = self._target(settings, name, setting)
            if target is None or (is_nothing(setting.value) and target.spec.required):
                continue  # what is needed may be said elsewhere
            found.append((target.what, _converted(settings, setting, target)))
        return found

    def _target(self, settings: Settings, name: str, setting: Setting) -> Target | None:
        """What a name stands for; None where it is not meant for this command."""
        target = (self.at_top if setting.readers else self.all).get(name)
        if target is not None or name in self.others or self._is_of_others(name, setting.readers):
            return target
        if any(name in self.fixed.get(command, ()) for command in (self.command, *setting.readers)):
            raise UsageError(f"{settings.path}: {setting.key!r} is set by the build itself: leave it out.")
        if canonical(name) in setting.readers:
            raise UsageError(f"{settings.path}: {setting.key!r} must be a table of options.")
        if setting.readers:
            require_no_owner(settings, setting, name)
        try:
            explain(name, [entry for _, entry in self.chosen])
        except UsageError as error:
            raise UsageError(f"{settings.path}: {setting.key}: {error}") from error
        raise UsageError(f"{settings.path}: {setting.key!r} is not an option of {self._unknown(name, setting.readers)}")

    def _unknown(self, name: str, readers: Sequence[str]) -> str:
        """Of what a name is no option, and what it may be meant for."""
        if len(readers) > _MOST_NAMED:
            of = "any command that reads this file"
        else:
            *most, last = readers or (self.command,)
            of = f"{', '.join(most)} or {last}" if most else last
        theirs = {
            spelling
            for command in readers
            for field in shown_fields(request_of(command))
            for spelling in field.spellings
            if spelling not in self.fixed.get(command, ())
        }
        return f"{of}.{did_you_mean(name, [*self.all, *self.others, *sorted(theirs)])}"

    def _is_of_others(self, name: str, readers: Collection[str]) -> bool:
        """Whether another reader has the option, or a provider that is not chosen here has it in its table."""
        others = [command for command in readers if command != self.command and name not in self.fixed.get(command, ())]
        return (bool(readers) and is_qualified(name)) or any(
            name in field.spellings for other in others for field in shown_fields(request_of(other))
        )


def _with_contraries(options: Mapping[str, ProviderOption]) -> dict[str, Target]:
    """Options by their names, and what is true or false also by the name that denies it."""
    said = {name: Target(option) for name, option in options.items()}
    denied = {
        f"no-{name}": Target(option, contrary=True)
        for name, option in options.items()
        if option.spec.type is bool and not option.spec.many
    }
    return {**said, **denied}


def _converted(settings: Settings, setting: Setting, target: Target) -> Any:
    spec = target.spec
    if isinstance(setting.value, list) and not (spec.many or spec.repeated):
        raise UsageError(f"{settings.path}: {setting.key!r} is a list; it takes one value.")
    value = convert(spec, setting.value, lambda value: f"{settings.path}: {setting.key} = {value!r}")
    return not value if target.contrary else value
