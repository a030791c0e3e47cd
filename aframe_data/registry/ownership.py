"""Whose option it is: an option may be written ``provider-field``, or barely ``field`` where one provider has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.errors import UsageError, did_you_mean
from aframe_data.registry.discovery import KINDS
from aframe_data.registry.names import Registered, registered

if TYPE_CHECKING:
    from collections.abc import Sequence


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
        raise UsageError(f"--{flag} could belong to several providers: say {flags}.")
    chosen = " or the ".join(f"{entry.provider.title} {entry.key!r}" for entry in entries) or "command"
    elsewhere = _other_owners(flag, entries)
    if elsewhere:
        raise UsageError(f"--{flag} is not an option of the {chosen}; it belongs to: {', '.join(elsewhere)}.")
    known = [spec.flag for entry in entries for spec in entry.provider.option_specs]
    listed = ", ".join(f"--{flag}" for flag in known) or "none"
    raise UsageError(f"--{flag} is not an option of the {chosen}.{did_you_mean(flag, known)} Its options: {listed}.")


def _other_owners(flag: str, chosen: Sequence[Registered]) -> list[str]:
    """The providers, beside the chosen ones, that have an option of this name."""
    keys = {(entry.provider.kind, entry.key) for entry in chosen}
    return sorted(
        {
            entry.key
            for kind in KINDS
            for entry in registered(kind)
            if (kind, entry.key) not in keys
            for spec in entry.provider.option_specs
            if flag in (spec.qualified_flag(entry.provider.name), *spec.spellings)
        }
    )
