"""Pieces of ledger files for the tests of `merge`, and a reader that knows HDF5 and nothing of this package."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from aframe_data.formats import ledger
from aframe_data.requests.merge import Merge
from aframe_data.work.carry_out import do

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.reports.merge import MergeReport

SIZE = 64
IFOS = ["H1", "L1"]


def merge(**arguments: Any) -> MergeReport:
    return do(Merge(**arguments))


def campaign(rows: int, seed: int) -> dict[str, Any]:
    """The content of a campaign: attributes and arrays by their paths."""
    rng = np.random.default_rng(seed)
    arrays = {f"parameters/{name}": rng.normal(size=rows) for name in ("mass_1", "ra", "snr", "injection_time")}
    arrays |= {f"parameters/{name}": rng.normal(size=(rows, 2)) for name in ("ifo_snrs", "shift")}
    arrays |= {f"waveforms/{name}": rng.normal(size=(rows, SIZE)).astype("f4") for name in ("h1", "l1")}
    attributes = {"length": rows, "num_injections": 7 * rows, "sample_rate": 32.0, "duration": 2.0, "right_pad": 0.5}
    return {"attributes": {**attributes, "ifos": IFOS}, "arrays": arrays}


def without_waveforms(content: dict[str, Any]) -> dict[str, Any]:
    """The content of a file of rejected parameters."""
    arrays = {name: values for name, values in content["arrays"].items() if name.startswith("parameters/")}
    attributes = {"length": content["attributes"]["length"], "ifos": IFOS, "snr_estimated": True}
    return {"attributes": attributes, "arrays": arrays}


def write_foreign(path: Path, content: dict[str, Any]) -> Path:
    """Write as Aframe's own scripts do: no hash, no provenance."""
    with h5py.File(path, "w") as file:
        file.attrs.update(content["attributes"])
        for name, values in content["arrays"].items():
            file[name] = values
    return path


def write_ours(path: Path, content: dict[str, Any], **record: Any) -> Path:
    """Write with this package's writer."""
    groups: dict[str, dict[str, Any]] = {"parameters": {}, "waveforms": {}}
    for name, values in content["arrays"].items():
        group, field = name.split("/")
        groups[group][field] = values
    attributes = dict(content["attributes"])
    layout = ledger.Layout(
        attributes.pop("length"),
        attributes,
        {name: values.shape[1:] for name, values in groups["parameters"].items()},
        {name: values.shape[1] for name, values in groups["waveforms"].items()},
    )
    with ledger.create(path, layout) as writer:
        writer.append(groups["parameters"], groups["waveforms"])
        writer.finish({"command": "test", **record})
    return path


def read(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray[Any, Any]]]:
    """Root attributes and arrays."""
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, item: arrays.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
        attributes = {name: value for name, value in file.attrs.items() if name not in ("provenance", "content_sha256")}
    arrays.pop("provenance/record", None)
    return attributes, arrays


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def assert_rows(path: Path, *contents: dict[str, Any]) -> None:
    """The arrays are those of all contents, one after the other, of the same types."""
    attributes, arrays = read(path)
    assert attributes["length"] == sum(content["attributes"]["length"] for content in contents)
    assert arrays.keys() == contents[0]["arrays"].keys()
    for name, values in arrays.items():
        wanted = np.concatenate([content["arrays"][name] for content in contents])
        assert values.dtype == contents[0]["arrays"][name].dtype
        np.testing.assert_array_equal(values, wanted, err_msg=name)
