"""What cannot be joined."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

from aframe_data.errors import DataQualityError, UsageError
from aframe_data.requests.merge import Merge
from aframe_data.store import atomic
from aframe_data.work.carry_out import forecast
from aframe_data.work.inline import Inline
from aframe_data.work.plan import Work
from ledger_pieces import (
    IFOS,
    SIZE,
    campaign,
    merge,
    read,
    write_foreign,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    content = campaign(4, 2)
    change(content)
    return content


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c["attributes"].update(right_pad=1.0), "attribute right_pad is 0.5 in .*a.hdf5 and 1.0 in .*b.hdf5"),
        (lambda c: c["attributes"].update(sample_rate=64), "attribute sample_rate is 32.0 in .* and 64 in"),
        (lambda c: c["attributes"].update(ifos=["L1", "H1"]), "attribute ifos is .*H1.* in .* and .*L1.* in"),
        (lambda c: c["attributes"].update(snr_estimated=True), "attribute snr_estimated is in .*b.hdf5 and not in .*a"),
        (lambda c: c["attributes"].pop("num_injections"), "attribute num_injections is in .*a.hdf5 and not in .*b"),
        (lambda c: c["arrays"].pop("parameters/ra"), "parameters/ra is in .*a.hdf5 and not in .*b.hdf5"),
        (lambda c: c["arrays"].update({"parameters/x": np.ones(4)}), "parameters/x is in .*b.hdf5 and not in .*a.hdf5"),
        (
            lambda c: c["arrays"].update({"parameters/shift": np.ones((4, 3))}),
            r"parameters/shift is float64 \(N, 2\) in .* and float64 \(N, 3\) in",
        ),
        (
            lambda c: c["arrays"].update({"parameters/ra": np.arange(4)}),
            r"parameters/ra is float64 \(N\) in .* and int64 \(N\) in",
        ),
        (
            lambda c: c["arrays"].update({f"waveforms/{name}": np.ones((4, SIZE + 1), "f4") for name in ("h1", "l1")}),
            r"waveforms/h1 is float32 \(N, 64\) in .* and float32 \(N, 65\) in",
        ),
        (lambda c: c["arrays"].pop("waveforms/l1"), "waveforms/l1 is in .*a.hdf5 and not in .*b.hdf5"),
    ],
)
def test_files_of_different_kinds_are_refused_naming_both(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    first = write_foreign(tmp_path / "a.hdf5", campaign(4, 1))
    second = write_foreign(tmp_path / "b.hdf5", _changed(change))
    with pytest.raises(UsageError, match=message):
        merge(files=[first, second], output_file=tmp_path / "out.hdf5")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.hdf5", "b.hdf5"]


def test_numbers_and_text_are_equal_whatever_wrote_them(tmp_path: Path) -> None:
    first, second = campaign(4, 1), campaign(4, 2)
    second["attributes"] |= {"sample_rate": 32, "ifos": np.array([b"H1", b"L1"])}
    paths = [write_foreign(tmp_path / f"{number}.hdf5", content) for number, content in enumerate((first, second))]
    merge(files=paths, output_file=tmp_path / "out.hdf5")
    attributes, _ = read(tmp_path / "out.hdf5")
    assert list(attributes["ifos"]) == IFOS


def test_a_file_given_twice_is_refused_under_any_name(two: list[Path], tmp_path: Path) -> None:
    (tmp_path / "link.hdf5").symlink_to(two[0])
    for files in ([two[0], two[1], two[0]], [*two, tmp_path / "link.hdf5"]):
        with pytest.raises(UsageError, match="given twice"):
            merge(files=files, output_file=tmp_path / "out.hdf5")


def test_the_output_may_not_be_one_of_the_files(two: list[Path], tmp_path: Path) -> None:
    before = two[0].read_bytes()
    (tmp_path / "link.hdf5").symlink_to(two[0])
    for output in (two[0], tmp_path / "link.hdf5"):
        with pytest.raises(UsageError, match="among the files to read"):
            merge(files=two, output_file=output, overwrite=True)
    assert two[0].read_bytes() == before


def test_a_file_that_changed_since_it_was_written_is_refused(two: list[Path], tmp_path: Path) -> None:
    with h5py.File(two[1], "r+") as file:
        file["waveforms/h1"][3, 7] += 1
    with pytest.raises(DataQualityError, match=r"2\.hdf5 changed since it was written"):
        merge(files=two, output_file=tmp_path / "out.hdf5")
    assert sorted(tmp_path.iterdir()) == two


def write_background(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.create_dataset("H1", data=np.zeros(64)).attrs["x0"] = 1240579783.0


@pytest.mark.parametrize(
    ("spoil", "error", "message"),
    [
        (lambda path: path.unlink(), UsageError, "cannot read .*No such file"),
        (lambda path: (path.unlink(), path.mkdir()), UsageError, "the folder .* holds no ledger file"),
        (lambda path: path.write_text("my notes"), UsageError, "is not an HDF5 file; merge joins ledger files"),
        (write_background, UsageError, r"is a background file \(strain\); merge joins ledger files"),
        (lambda path: path.write_bytes(path.read_bytes()[:3000]), DataQualityError, "cannot be read as a ledger"),
        (lambda path: h5py.File(path, "w").close(), DataQualityError, "cannot be read as a ledger"),
    ],
    ids=["missing", "folder", "text", "strain", "truncated", "empty"],
)
def test_what_is_no_ledger_is_refused(
    two: list[Path], tmp_path: Path, spoil: Callable[[Path], object], error: type[Exception], message: str
) -> None:
    spoil(two[1])
    with pytest.raises(error, match=message):
        merge(files=two, output_file=tmp_path / "out.hdf5")
    assert not (tmp_path / "out.hdf5").exists()


def _without_parameters(content: dict[str, Any]) -> None:
    content["arrays"] = {name: values for name, values in content["arrays"].items() if name.startswith("waveforms")}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c["attributes"].update(length=5), "length says 5, and parameters/ifo_snrs has the shape"),
        (lambda c: c["arrays"].update({"parameters/ra": 3.0}), "parameters/ra has the shape"),
        (
            lambda c: c["arrays"].update({"parameters/name": ["a", "b", "c", "d"]}),
            "parameters/name, which is not an array",
        ),
        (lambda c: c["arrays"].update({"parameters/group/x": np.ones(4)}), "parameters/group, which is not an array"),
        (lambda c: c["arrays"].update({"waveforms/v1": np.ones(4)}), "waveforms/v1, which is not an array"),
        (lambda c: c["arrays"].update({"waveforms/l1": np.ones((4, SIZE))}), "waveforms of different types"),
        (lambda c: c["attributes"].pop("length"), "cannot be read as a ledger"),
        (_without_parameters, "no parameters"),
    ],
)
def test_what_ledgers_do_not_hold_is_refused(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    path = write_foreign(tmp_path / "a.hdf5", _changed(change))
    with pytest.raises((UsageError, DataQualityError), match=message):
        merge(files=[path], output_file=tmp_path / "out.hdf5")


def test_no_file_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no file was given"):
        merge(files=[], output_file=tmp_path / "out.hdf5")


def test_too_small_a_disk_is_told_before_the_work(
    two: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = Merge(files=two, output_file=tmp_path / "out.hdf5").planned().nbytes - 1
    usage = atomic.shutil.disk_usage(tmp_path)._replace(free=free)
    monkeypatch.setattr(atomic.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(UsageError, match="are needed"):
        merge(files=two, output_file=tmp_path / "out.hdf5")
    assert not (tmp_path / "out.hdf5").exists()


def test_a_forecast_says_what_would_be_joined_and_makes_nothing(two: list[Path], tmp_path: Path) -> None:
    request = Merge(files=two, output_file=tmp_path / "new" / "out.hdf5")
    said = forecast(request, Work(Inline())).describe()
    assert said == {
        "path": str(tmp_path / "new" / "out.hdf5"),
        "num_files": 2,
        "length": 9,
        "num_injections": 63,
        "nbytes": request.planned().nbytes,
        "num_removed": 0,
        "present": False,
    }
    assert sorted(tmp_path.iterdir()) == two
