"""Whose option it is: an option may be written ``provider-field``, or barely ``field`` where one provider has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.errors import UsageError, did_you_mean
from aframe_data.registry.names import everything_registered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aframe_data.registry.names import Registered


def owner_of(entries: Sequence[Registered], name: str) -> tuple[Registered, str]:
    """The provider whose option `name` is, and the option's own name; errors as `assign_options`."""
    flag = name.replace("_", "-")
    owners = []
    for entry in entries:
        for spec in entry.provider.option_specs:
            if flag == spec.qualified_flag(entry.provider.name):
                return entry, spec.name
            if flag in spec.spellings:
                owners.append((entry, spec))
    if len(owners) == 1:
        return owners[0][0], owners[0][1].name
    if owners:
        flags = " or ".join(f"--{spec.qualified_flag(entry.provider.name)}" for entry, spec in owners)
        raise UsageError(f"--{flag} could belong to several providers: use {flags}.")
    chosen = " or the ".join(f"{entry.provider.title} {entry.key!r}" for entry in entries) or "command"
    here = {entry.key for entry in entries}
    others = [entry for entry in owners_of(flag) if entry not in entries]
    # A provider of several kinds has options that are of one of them only.
    elsewhere = sorted({f"the {e.provider.title} {e.key}" if e.key in here else e.key for e in others})
    if elsewhere:
        raise UsageError(f"--{flag} is not an option of the {chosen}; it belongs to: {', '.join(elsewhere)}.")
    known = [spec.spellings[0] for entry in entries for spec in entry.provider.option_specs]
    listed = ", ".join(f"--{flag}" for flag in known) or "none"
    raise UsageError(f"--{flag} is not an option of the {chosen}.{did_you_mean(flag, known)} Its options: {listed}.")


def owners_of(flag: str) -> list[Registered]:
    """All providers that have an option of this name."""
    return [
        entry
        for entry in everything_registered()
        if any(
            flag in (spec.qualified_flag(entry.provider.name), *spec.spellings) for spec in entry.provider.option_specs
        )
    ]
