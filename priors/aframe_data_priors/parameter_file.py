"""Signals as a file gives them: in their order, so that a fixed set is made again, or drawn from it at random.

`parameter_tables` reads the formats, and `parameter_names` makes base parameters of what other tools call them.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.errors import UsageError
from aframe_data_priors.options import DEFAULT_COSMOLOGY, RESAMPLED
from aframe_data_priors.parameter_names import describe_binaries, to_binaries, with_earth_longitude
from aframe_data_priors.parameter_tables import NO_SOURCE, Table, read_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aframe_data.plugin.records import Frame
    from aframe_data.types import FloatArray
    from aframe_data_priors.options import ParameterFileOptions

#: How the angles are drawn that a file may leave open, (minimum, maximum) each; dec and theta_jn are isotropic.
_ANGLES = {"phase": (0.0, 2 * np.pi), "psi": (0.0, np.pi), "ra": (0.0, 2 * np.pi)}
_FILL_SEED = 0x6669_6C6C


class ParameterFile:
    """The signals of a file, as `aframe_data.plugin.protocols.OrderedPrior` has them.

    Raises
    ------
    UsageError
        The file cannot be read, or lacks what its signals need.
    """

    def __init__(self, options: ParameterFileOptions) -> None:
        self._options = options
        self._table = read_table(options.path)
        self._signals = self._converted()
        _require_sound(options.path, self._signals)

    @property
    def has_order(self) -> bool:
        """Whether signal n of the file is signal n of a run."""
        return self._options.order != RESAMPLED

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names that a draw has."""
        return tuple(self._signals)

    @property
    def frame(self) -> Frame:
        """The frame of the masses."""
        return "detector"

    @property
    def cosmology(self) -> str:
        """As asked for, or that of a file of ours."""
        return self._options.cosmology or self._table.cosmology or DEFAULT_COSMOLOGY

    @cached_property
    def length(self) -> int:
        """How many signals the file has."""
        return len(next(iter(self._signals.values())))

    def sample(self, n: int, rng: np.random.Generator) -> Mapping[str, FloatArray]:
        """Draw `n` of the signals with replacement, each as likely as any other."""
        rows = rng.integers(0, self.length, n)
        return {name: values[rows] for name, values in self._signals.items()}

    def take(self, start: int, stop: int) -> Mapping[str, FloatArray]:
        """Return the signals from row `start` of the file to before row `stop`.

        Raises
        ------
        UsageError
            There are not so many.
        """
        if stop > self.length:
            signals = "1 signal" if self.length == 1 else f"{self.length} signals"
            raise UsageError(
                f"{str(self._options.path)!r} has {signals}, and {stop} are asked for: ask for fewer, or "
                f"draw from them at random with --parameter-file-order {RESAMPLED}."
            )
        return {name: values[start:stop] for name, values in self._signals.items()}

    def _converted(self) -> dict[str, FloatArray]:
        options, table = self._options, self._table
        if not table.length:
            raise UsageError(f"{str(options.path)!r} holds no signal.")
        table = _filled(table, options.fill)
        if options.sky == "earth-fixed":
            table = with_earth_longitude(table)
        if table.complete or not describe_binaries(table):  # of ours, or of another kind of sources
            return {name: values for name, values in table.columns.items() if name not in NO_SOURCE}
        frequency = options.reference_frequency
        return to_binaries(table, frame=options.frame, cosmology=self.cosmology, reference_frequency=frequency)


def _filled(table: Table, names: tuple[str, ...]) -> Table:
    """The table with angles drawn isotropically that it does not have: the same ones each time, by row and name."""
    drawn = {}
    for name in names:
        if name in table.columns:
            raise UsageError(f"{str(table.path)!r} has {name} of its own: leave it out of --parameter-file-fill.")
        # By its name, so that an angle does not depend on what else is filled in.
        key = int.from_bytes(name.encode())
        rng = np.random.default_rng(np.random.SeedSequence(entropy=_FILL_SEED, spawn_key=(key % 2**32,)))
        if name in _ANGLES:
            drawn[name] = rng.uniform(*_ANGLES[name], table.length)
        else:
            turned = rng.uniform(-1, 1, table.length)
            drawn[name] = np.arcsin(turned) if name == "dec" else np.arccos(turned)
    return table.with_columns(drawn)


def _require_sound(path: object, signals: Mapping[str, FloatArray]) -> None:
    """Refuse rows that no signal can have."""
    rules = {name: (~np.isfinite(values), "is not finite") for name, values in signals.items()}
    if {"mass_1", "mass_2"} <= signals.keys():
        wrong = ~((signals["mass_2"] > 0) & (signals["mass_2"] <= signals["mass_1"]))
        rules["mass_2"] = (rules["mass_2"][0] | wrong, "is not above 0 and at most mass_1")
    for name in ("a_1", "a_2"):
        if name in signals:
            wrong = ~((signals[name] >= 0) & (signals[name] <= 1))
            rules[name] = (wrong, "is not a spin of 0 to 1")
    for name in ("redshift", "luminosity_distance"):
        if name in signals:
            rules[name] = (~(signals[name] > 0), "is not above 0")
    for name, (wrong, told) in rules.items():
        rows = np.flatnonzero(wrong)
        if len(rows):
            value = signals[name][rows[0]]
            raise UsageError(f"{str(path)!r}: {name} = {value:g} of signal {rows[0]} (counted from 0) {told}.")
