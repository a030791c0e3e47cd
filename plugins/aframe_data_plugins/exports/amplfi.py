"""The folder that amplfi reads: ``{train,test}/background/*.hdf5``, and flat files of signals beside them.

Background files are ours as they are: amplfi takes the duration from the end of the name, the rate from ``dx`` (its
``AmplfiDataset``). A file of signals has one dataset a parameter at the root, by amplfi's names, as its
``ParameterTestingDataset`` reads them (masses of the detector frame, Mpc, radians; ``phi`` is the longitude that is
fixed to the Earth, ``ra`` the right ascension at ``gpstime``). Where the signals are polarizations, ``signals``
(N, 2, size) has cross and plus, with t = 0 in the middle, as its ``WaveformLoader`` assumes.
"""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import h5py
import numpy as np

from aframe_data.errors import UsageError
from aframe_data_plugins.exports.binaries import cartesian, chirp_mass, earth_longitude, right_ascension

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aframe_data.plugin.exported import ExportedSignals, ExportedStrain, ExportSource
    from aframe_data.types import FloatArray

#: amplfi's names of what we have under another one; parameters that have the same name are written too.
_NAMES = {
    "distance": "luminosity_distance",
    "phic": "phase",
    "gpstime": "injection_time",
}
_SAME = (
    *("mass_1", "mass_2", "a_1", "a_2", "tilt_1", "tilt_2", "phi_12", "phi_jl", "theta_jn", "dec", "psi", "redshift"),
    "snr",
)


class Amplfi:
    """The export."""

    def export(self, source: ExportSource, path: Path) -> None:
        """Fill the folder."""
        for strain in source.strain:
            _copy(strain, _place(path, _split(strain.name) + "/background", strain.path.name))
        for signals in source.signals:
            _write(signals, _place(path, _split(signals.name), signals.path.name))


def _split(name: str) -> str:
    """``test`` for what lies in a folder of that name, else ``train``."""
    return "test" if "test" in PurePosixPath(name).parts[:-1] else "train"


def _place(root: Path, folder: str, name: str) -> Path:
    path = root / folder / name
    if path.exists():
        raise UsageError(f"there are two files {name!r} for {folder}/ of amplfi's folder: export a folder with one.")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _copy(strain: ExportedStrain, path: Path) -> None:
    shutil.copyfile(strain.path, path)


def _write(signals: ExportedSignals, path: Path) -> None:
    with h5py.File(path, "w") as file:
        for name, values in _columns(signals).items():
            file[name] = values
        if "plus" in signals.fields_of_waveforms:
            _write_centred(signals, file)


def _columns(signals: ExportedSignals) -> Mapping[str, FloatArray]:
    found = signals.parameters()
    columns = {name: found[ours] for name, ours in _NAMES.items() if ours in found}
    columns |= {name: found[name] for name in _SAME if name in found}
    spins = cartesian(found)
    columns |= {
        "chirp_mass": chirp_mass(found["mass_1"], found["mass_2"]),
        "mass_ratio": found["mass_2"] / found["mass_1"],
        "inclination": spins.pop("inclination"),
        "chi1": spins["spin1z"],
        "chi2": spins["spin2z"],
        **{name.replace("spin", "s"): values for name, values in spins.items()},
        "phi": earth_longitude(signals, found),
    }
    if "injection_time" in found:
        columns["ra"] = right_ascension(signals, found)
    return columns


def _write_centred(signals: ExportedSignals, file: h5py.File) -> None:
    """Cross and plus with the sample of t = 0 in the middle; zeros where the window ends before."""
    rate, duration, right_pad = (float(signals.attributes[name]) for name in ("sample_rate", "duration", "right_pad"))
    size = round(duration * rate)
    peak = size - round(right_pad * rate)
    half = max(peak, size - peak)
    row = 0
    for block in signals.waveforms():
        stacked = np.stack([block["cross"], block["plus"]], axis=1)
        if not row:
            shape = (signals.length, 2, 2 * half)
            out = file.create_dataset("signals", shape=shape, dtype=stacked.dtype, chunks=(1, *shape[1:]))
        out[row : row + len(stacked), :, half - peak : half - peak + size] = stacked
        row += len(stacked)
