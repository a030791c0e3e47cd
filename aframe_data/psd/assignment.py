"""Which noise is whose: what a user gives for all interferometers, or as ``H1=…`` for one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aframe_data.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

_FOR_ONE_IFO = re.compile(r"([A-Z][0-9])=(.+)")


def assign(given: Sequence[str], ifos: Sequence[str]) -> dict[str, str]:
    """What was given for each interferometer.

    Raises
    ------
    UsageError
        One has none or two, or one is named that is not asked for.
    """
    found: dict[str, str] = {}
    for_all: list[str] = []
    for item in given:
        match = _FOR_ONE_IFO.fullmatch(item)
        ifo, text = (match[1], match[2]) if match else ("", item)
        if not ifo:
            for_all.append(text)
        elif ifo in found:
            raise UsageError(f"two PSDs for {ifo}: {found[ifo]!r} and {text!r}.")
        else:
            found[ifo] = text
    if len(for_all) > 1:
        raise UsageError(
            f"two PSDs for every interferometer: {for_all[0]!r} and {for_all[1]!r}; write {min(ifos)}={for_all[0]} "
            "for that of one interferometer."
        )
    strangers = sorted(found.keys() - set(ifos))
    if strangers:
        raise UsageError(f"a PSD was given for {', '.join(strangers)}; the interferometers are {', '.join(ifos)}.")
    missing = [ifo for ifo in ifos if ifo not in found]
    if for_all and not missing:
        raise UsageError(f"PSD {for_all[0]!r} is not used: each interferometer has one of its own.")
    if missing and not for_all:
        raise UsageError(f"no PSD was given for {', '.join(missing)}: add {missing[0]}=FILE or {missing[0]}=CURVE.")
    return {**dict.fromkeys(missing, *for_all), **found}
