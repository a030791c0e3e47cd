"""Files of signals that other programs write, and the prior `parameter-file` of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py
import lal
import numpy as np

from aframe_data.plugin.binary import BASE_PARAMETERS
from aframe_data.plugin.protocols import OrderedPrior, Prior
from aframe_data.registry.choice import choose

if TYPE_CHECKING:
    from pathlib import Path

COUNT, FREQUENCY = 40, 35.0


def bilby() -> Any:
    """Give bilby as the plugins import it; collecting tests does not."""
    from aframe_data_priors.bilby_library import bilby as module

    return module


def table(columns: dict[str, Any]) -> Any:
    from pandas import DataFrame

    return DataFrame(columns)


def signals(count: int = COUNT, *, aligned: bool = False) -> dict[str, np.ndarray]:
    """Binaries as our files have them."""
    rng = np.random.default_rng(1)
    lighter, heavier = np.sort(rng.uniform(10, 80, (count, 2)), axis=1).T
    draw = {name: rng.uniform(0, 2 * np.pi, count) for name in ("phi_12", "phi_jl", "ra", "phase")}
    draw |= {name: np.arccos(rng.uniform(-1, 1, count)) for name in ("tilt_1", "tilt_2", "theta_jn")}
    draw |= {"a_1": rng.uniform(0, 0.9, count), "a_2": rng.uniform(0, 0.9, count), "psi": rng.uniform(0, np.pi, count)}
    draw |= {"mass_1": heavier, "mass_2": lighter, "redshift": rng.uniform(0.1, 1, count)}
    draw["dec"] = np.arcsin(rng.uniform(-1, 1, count))
    if aligned:
        draw |= {name: np.where(draw[name] > np.pi / 2, np.pi, 0.0) for name in ("tilt_1", "tilt_2")}
        draw |= dict.fromkeys(("phi_12", "phi_jl"), np.zeros(count))
    return draw


def cartesian(draw: dict[str, np.ndarray], *, frequency: float = FREQUENCY) -> dict[str, np.ndarray]:
    """LAL's inclination and spins, by bilby."""
    names = ("theta_jn", "phi_jl", "tilt_1", "tilt_2", "phi_12", "a_1", "a_2")
    masses = [draw[name] * lal.MSUN_SI for name in ("mass_1", "mass_2")]
    rows = zip(*(draw[name] for name in names), *masses, draw["phase"], strict=True)
    found = [bilby().gw.conversion.bilby_to_lalsimulation_spins(*row[:-1], frequency, row[-1]) for row in rows]
    order = ("inclination", *(f"spin{body}{axis}" for body in (1, 2) for axis in "xyz"))
    return dict(zip(order, np.array(found, dtype=float).T, strict=True))


def pycbc_columns(draw: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    renamed = {"mass1": "mass_1", "mass2": "mass_2", "coa_phase": "phase", "polarization": "psi", "ra": "ra"}
    columns = {name: draw[ours] for name, ours in renamed.items()} | {"dec": draw["dec"]}
    distance = bilby().gw.conversion.redshift_to_luminosity_distance(draw["redshift"], "Planck15")
    return {**columns, **cartesian(draw), "distance": np.asarray(distance)}


def write_hdf5(path: Path, columns: dict[str, Any], group: str = "/", **attributes: Any) -> Path:
    with h5py.File(path, "w") as file:
        file.attrs.update(attributes)
        for name, values in columns.items():
            file[f"{group}/{name}"] = values
    return path


def prior_of(path: Path, **options: Any) -> Any:
    return choose("prior", str(path), options).create()


def assert_same_binaries(prior: Prior, draw: dict[str, np.ndarray], *, rtol: float = 1e-9) -> None:
    assert isinstance(prior, OrderedPrior)
    found = prior.take(0, COUNT)
    assert set(BASE_PARAMETERS) <= set(found)
    assert prior.frame == "detector"
    for name, values in draw.items():
        # Angles to the turn that they are to.
        if name.startswith("phi_"):
            np.testing.assert_allclose(np.exp(1j * found[name]), np.exp(1j * values), atol=1e-7, err_msg=name)
        else:
            np.testing.assert_allclose(found[name], values, rtol=rtol, atol=1e-8, err_msg=name)
