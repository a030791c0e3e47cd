"""Joining ledger files, read back by a reader that knows HDF5 and nothing of this package."""

from __future__ import annotations

import hashlib
import logging
import re
import tracemalloc
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aframe_data.errors import DataQualityError, OutputExistsError, UsageError
from aframe_data.formats import ledger, ledger_source
from aframe_data.formats import record as records
from aframe_data.requests.merge import Merge
from aframe_data.requests.waveforms import TrainingWaveforms
from aframe_data.store import atomic, identity
from aframe_data.work.carry_out import carry_out, do, forecast
from aframe_data.work.inline import Inline
from aframe_data.work.plan import Work
from ledger_reader import read_training_waveforms

if TYPE_CHECKING:
    from collections.abc import Callable
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


@pytest.fixture
def two(tmp_path: Path) -> list[Path]:
    """Two pieces of a campaign."""
    return [write_ours(tmp_path / f"{seed}.hdf5", campaign(3 + seed, seed)) for seed in (1, 2)]


def assert_rows(path: Path, *contents: dict[str, Any]) -> None:
    """The arrays are those of all contents, one after the other, of the same types."""
    attributes, arrays = read(path)
    assert attributes["length"] == sum(content["attributes"]["length"] for content in contents)
    assert arrays.keys() == contents[0]["arrays"].keys()
    for name, values in arrays.items():
        wanted = np.concatenate([content["arrays"][name] for content in contents])
        assert values.dtype == contents[0]["arrays"][name].dtype
        np.testing.assert_array_equal(values, wanted, err_msg=name)


# --- what is joined -----------------------------------------------------------------------------------


@pytest.mark.parametrize("write", [write_ours, write_foreign])
@pytest.mark.parametrize("kind", [dict, without_waveforms], ids=["campaign", "rejected"])
def test_rows_follow_in_the_order_given(
    tmp_path: Path, write: Callable[..., Path], kind: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    contents = [kind(campaign(rows, seed)) for seed, rows in enumerate((5, 70, 1))]
    paths = [write(tmp_path / f"{name}.hdf5", content) for name, content in zip("cab", contents, strict=True)]
    before = [(digest(path), path.stat().st_mtime_ns) for path in paths]
    report = merge(files=paths, output_file=tmp_path / "out.hdf5")
    assert (report.path, report.num_files, report.length, report.present) == (tmp_path / "out.hdf5", 3, 76, False)
    assert_rows(tmp_path / "out.hdf5", *contents)
    assert [(digest(path), path.stat().st_mtime_ns) for path in paths] == before
    assert ledger.summarize(tmp_path / "out.hdf5").intact
    with h5py.File(tmp_path / "out.hdf5") as file:
        assert ("waveforms" in file) == ("waveforms/h1" in contents[0]["arrays"])


def test_metadata_stay_and_injections_are_summed(two: list[Path], tmp_path: Path) -> None:
    report = merge(files=two, output_file=tmp_path / "out.hdf5")
    attributes, _ = read(tmp_path / "out.hdf5")
    assert list(attributes.pop("ifos")) == IFOS
    assert attributes == {"length": 9, "num_injections": 63, "sample_rate": 32.0, "duration": 2.0, "right_pad": 0.5}
    assert report.num_injections == 63
    with h5py.File(tmp_path / "out.hdf5") as file:
        assert file.attrs.get_id("length").dtype == file.attrs.get_id("num_injections").dtype == np.int64
        assert h5py.check_string_dtype(file.attrs.get_id("ifos").dtype).encoding == "utf-8"
        assert file["waveforms/h1"].chunks == (9, SIZE)


def test_num_injections_stays_absent_where_no_file_has_it(tmp_path: Path) -> None:
    contents = [without_waveforms(campaign(4, seed)) for seed in (1, 2)]
    paths = [write_foreign(tmp_path / f"{number}.hdf5", content) for number, content in enumerate(contents)]
    assert merge(files=paths, output_file=tmp_path / "out.hdf5").num_injections is None
    attributes, _ = read(tmp_path / "out.hdf5")
    assert set(attributes) == {"length", "ifos", "snr_estimated"}
    assert attributes["snr_estimated"].dtype == bool
    assert attributes["snr_estimated"]


def test_fields_and_attributes_of_any_type_keep_it(tmp_path: Path) -> None:
    contents = [campaign(5, seed) for seed in (1, 2)]
    for content in contents:
        content["arrays"] |= {
            "parameters/number": np.arange(5) + 2**60,  # not exact in float64
            "parameters/accepted": np.array([True, False, True, True, False]),
            "parameters/spins": np.ones((5, 2, 3), dtype="f4"),
            "waveforms/h1": content["arrays"]["waveforms/h1"].astype(">f8"),
            "waveforms/l1": content["arrays"]["waveforms/l1"].astype(">f8"),
        }
        content["attributes"] |= {
            "detectors": np.array([b"H1", b"L1"]),
            "text": "psd über alles",
            "empty": h5py.Empty("f4"),
            "band": np.array([[20.0, 1024.0]]),
            "unknown": np.nan,
        }
    paths = [write_foreign(tmp_path / f"{number}.hdf5", content) for number, content in enumerate(contents)]
    merge(files=paths, output_file=tmp_path / "out.hdf5")
    assert_rows(tmp_path / "out.hdf5", *contents)
    assert ledger.summarize(tmp_path / "out.hdf5").intact
    with h5py.File(paths[0]) as source, h5py.File(tmp_path / "out.hdf5") as joined:
        for name in set(source.attrs) - {"length", "num_injections"}:
            ours, theirs = source.attrs.get_id(name), joined.attrs.get_id(name)
            assert (ours.get_type().equal(theirs.get_type()), ours.shape) == (True, theirs.shape), name
            assert repr(source.attrs[name]) == repr(joined.attrs[name])


@pytest.mark.slow
@settings(max_examples=25)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=4).filter(any), st.integers(1, 20_000))
def test_pieces_joined_are_the_whole_whatever_the_blocks(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[int], block: int
) -> None:
    folder = tmp_path_factory.mktemp("pieces")
    whole = campaign(sum(pieces), 3)
    paths, start = [], 0
    for number, rows in enumerate(pieces):
        arrays = {name: values[start : start + rows] for name, values in whole["arrays"].items()}
        attributes = {**whole["attributes"], "length": rows, "num_injections": 7 * rows}
        paths.append(write_ours(folder / f"{number}.hdf5", {"attributes": attributes, "arrays": arrays}))
        start += rows
    write_ours(folder / "whole.hdf5", whole)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger_source, "_BLOCK_BYTES", block)
        merge(files=paths, output_file=folder / "out.hdf5")
    assert_rows(folder / "out.hdf5", whole)
    with h5py.File(folder / "out.hdf5") as joined, h5py.File(folder / "whole.hdf5") as made:
        assert joined.attrs["content_sha256"] == made.attrs["content_sha256"]
        assert joined.attrs["num_injections"] == made.attrs["num_injections"]


def test_training_waveforms_of_two_seeds_are_read_by_training(tmp_path: Path) -> None:
    for seed, number in ((1, 20), (2, 30)):
        do(
            TrainingWaveforms(
                prior="flat",
                generator="chirp",
                num_signals=number,
                sample_rate=256,
                waveform_duration=2,
                right_pad=0.5,
                seed=seed,
                output_file=tmp_path / f"{seed}.hdf5",
                workers=0,
            )
        )
    merge(files=[tmp_path / "1.hdf5", tmp_path / "2.hdf5"], output_file=tmp_path / "out.hdf5")
    joined = read_training_waveforms(tmp_path / "out.hdf5")
    first, second = (read_training_waveforms(tmp_path / f"{seed}.hdf5") for seed in (1, 2))
    assert joined.num_injections == 50
    np.testing.assert_array_equal(joined.waveforms, np.concatenate([first.waveforms, second.waveforms]))
    np.testing.assert_array_equal(
        joined.parameters["ra"], np.concatenate([first.parameters["ra"], second.parameters["ra"]])
    )


def test_provenance_lists_the_files_with_their_own(two: list[Path], tmp_path: Path) -> None:
    foreign = write_foreign(tmp_path / "foreign.hdf5", campaign(2, 9))
    merge(files=two, output_file=tmp_path / "both.hdf5")
    merge(files=[tmp_path / "both.hdf5", foreign], output_file=tmp_path / "out.hdf5")
    record = ledger.summarize(tmp_path / "out.hdf5").record
    assert record is not None
    assert (record["software"], record["command"]) == ("aframe-data", "merge")
    assert record["arguments"] == {"files": [str(tmp_path / "both.hdf5"), str(foreign)]}
    both, other = record["sources"]
    with h5py.File(tmp_path / "both.hdf5") as file:
        assert both["content_sha256"] == file.attrs["content_sha256"]
    assert (both["file"], both["length"], both["num_injections"]) == (str(tmp_path / "both.hdf5"), 9, 63)
    assert [source["file"] for source in both["provenance"]["sources"]] == [str(path) for path in two]
    assert both["provenance"]["sources"][0]["provenance"] == {"command": "test"}
    assert (other["provenance"], other["length"], len(other["content_sha256"])) == (None, 2, 64)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [dict, without_waveforms], ids=["campaign", "rejected"])
def test_memory_follows_the_block_and_not_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    contents = [kind(campaign(20_000, seed)) for seed in (1, 2)]
    paths = [write_ours(tmp_path / f"{number}.hdf5", content) for number, content in enumerate(contents)]
    block = 200_000
    monkeypatch.setattr(ledger_source, "_BLOCK_BYTES", block)
    merge(files=paths, output_file=tmp_path / "before.hdf5")  # what is imported at the first time stays
    tracemalloc.start()
    merge(files=paths, output_file=tmp_path / "out.hdf5")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Blocks that are read, written and hashed; the rest is small.
    assert peak < 4 * block
    assert all(sum(values.nbytes for values in content["arrays"].values()) > 6 * block for content in contents)


# --- what is refused ----------------------------------------------------------------------------------


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
            lambda c: c["arrays"].update({"parameters/ra": np.ones(4, "f4")}),
            r"parameters/ra is float64 \(N\) in .* and float32 \(N\) in",
        ),
        (
            lambda c: c["arrays"].update({f"waveforms/{name}": np.ones((4, SIZE)) for name in ("h1", "l1")}),
            r"waveforms/h1 is float32 \(N, 64\) in .* and float64 \(N, 64\) in",
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


def test_a_copy_is_refused(two: list[Path], tmp_path: Path) -> None:
    copy = write_ours(tmp_path / "copy.hdf5", campaign(4, 1))
    with pytest.raises(UsageError, match=r"1\.hdf5 and .*copy\.hdf5 hold the same signals"):
        merge(files=[*two, copy], output_file=tmp_path / "out.hdf5")


def test_empty_pieces_are_no_copies(tmp_path: Path) -> None:
    paths = [write_ours(tmp_path / f"{rows}.{n}.hdf5", campaign(rows, 1)) for n, rows in enumerate((0, 3, 0))]
    merge(files=paths, output_file=tmp_path / "out.hdf5")
    assert_rows(tmp_path / "out.hdf5", campaign(3, 1))


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


@pytest.mark.parametrize(
    ("spoil", "error", "message"),
    [
        (lambda path: path.unlink(), UsageError, "cannot read .*No such file"),
        (lambda path: (path.unlink(), path.mkdir()), UsageError, "cannot read .*[Dd]irectory"),
        (lambda path: path.write_text("my notes"), DataQualityError, "cannot be read as a ledger"),
        (lambda path: path.write_bytes(path.read_bytes()[:3000]), DataQualityError, "cannot be read as a ledger"),
        (lambda path: h5py.File(path, "w").close(), DataQualityError, "cannot be read as a ledger"),
    ],
    ids=["missing", "folder", "text", "truncated", "empty"],
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
        (lambda c: c["arrays"].update({"parameters/name": ["a", "b", "c", "d"]}), "parameters/name, which is no array"),
        (lambda c: c["arrays"].update({"parameters/group/x": np.ones(4)}), "parameters/group, which is no array"),
        (lambda c: c["arrays"].update({"waveforms/v1": np.ones(4)}), "waveforms/v1, which is no array"),
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
    }
    assert sorted(tmp_path.iterdir()) == two


# --- what is there already ----------------------------------------------------------------------------


@pytest.mark.parametrize("write", [write_ours, write_foreign])
def test_the_same_merge_again_does_nothing_also_after_a_move(tmp_path: Path, write: Callable[..., Path]) -> None:
    paths = [write(tmp_path / f"{seed}.hdf5", campaign(4, seed)) for seed in (1, 2)]
    merge(files=paths, output_file=tmp_path / "out.hdf5")
    before = (tmp_path / "out.hdf5").stat().st_mtime_ns
    moved = [path.rename(tmp_path / f"moved-{path.name}") for path in paths]
    report = merge(files=moved, output_file=tmp_path / "out.hdf5")
    assert (report.present, report.length, report.num_injections) == (True, 8, 56)
    assert (tmp_path / "out.hdf5").stat().st_mtime_ns == before


def _as_version_0_1_0_wrote_it(path: Path) -> None:
    """Leave of a record what that version knew of: no identity, other versions and dates, other paths."""
    with h5py.File(path, "r+") as file:
        record = records.read(file)
        assert record is not None
        del record["identity"]
        record |= {"version": "0.1.0", "packages": {"scipy": "1.0"}, "arguments": {"files": ["/gone/1.hdf5"]}}
        for source in record["sources"]:
            source["file"] = "/gone/1.hdf5"
        file.attrs["provenance"] = identity.encode(record)


def test_a_merge_of_an_earlier_version_is_known_again(two: list[Path], tmp_path: Path) -> None:
    merge(files=two, output_file=tmp_path / "out.hdf5")
    _as_version_0_1_0_wrote_it(tmp_path / "out.hdf5")
    before = (tmp_path / "out.hdf5").read_bytes()
    assert merge(files=two, output_file=tmp_path / "out.hdf5").present
    with pytest.raises(OutputExistsError, match="joined from other files"):
        merge(files=two[::-1], output_file=tmp_path / "out.hdf5")
    assert (tmp_path / "out.hdf5").read_bytes() == before


def test_its_identity_is_content_and_no_path(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{n}.hdf5", campaign(3, n)) for n, write in enumerate((write_ours, write_foreign))]
    merge(files=paths, output_file=tmp_path / "out.hdf5")
    record = ledger.read_record(tmp_path / "out.hdf5")
    assert record is not None
    hashes = [ledger_source.open_source(path).measure_hash() for path in paths]
    assert record["identity"] == {
        "command": "merge",
        "sources": [{"length": 3, "num_injections": 21, "content_sha256": content} for content in hashes],
    }


@pytest.mark.parametrize("files", [["2.hdf5", "1.hdf5"], ["1.hdf5"], ["1.hdf5", "2.hdf5", "3.hdf5"]])
def test_another_merge_is_refused_unless_it_may_overwrite(two: list[Path], tmp_path: Path, files: list[str]) -> None:
    output = tmp_path / "out.hdf5"
    write_ours(tmp_path / "3.hdf5", campaign(2, 3))
    merge(files=two, output_file=output)
    before = output.read_bytes()
    with pytest.raises(OutputExistsError, match=r"joined from other files.*--overwrite"):
        merge(files=[tmp_path / name for name in files], output_file=output)
    assert output.read_bytes() == before
    assert not merge(files=[tmp_path / name for name in files], output_file=output, overwrite=True).present
    assert output.read_bytes() != before


def test_other_metadata_are_another_merge(two: list[Path], tmp_path: Path) -> None:
    merge(files=two, output_file=tmp_path / "out.hdf5")
    for name, value in (("num_injections", 1000), ("right_pad", 0.25)):
        for path in two:
            with h5py.File(path, "r+") as file:
                file.attrs[name] = value
        with pytest.raises(OutputExistsError, match="--overwrite"):
            merge(files=two, output_file=tmp_path / "out.hdf5")


@pytest.mark.parametrize("there", ["text", "ledger", "foreign"])
def test_a_file_that_is_no_merge_is_not_touched(two: list[Path], tmp_path: Path, there: str) -> None:
    output = tmp_path / "out.hdf5"
    if there == "text":
        output.write_text("my notes")
    else:
        (write_ours if there == "ledger" else write_foreign)(output, campaign(9, 5))
    before = output.read_bytes()
    with pytest.raises(OutputExistsError, match="--overwrite"):
        merge(files=two, output_file=output)
    assert output.read_bytes() == before


def test_a_merged_file_that_changed_is_told(two: list[Path], tmp_path: Path) -> None:
    merge(files=two, output_file=tmp_path / "out.hdf5")
    with h5py.File(tmp_path / "out.hdf5", "r+") as file:
        file["parameters/ra"][0] += 1
    with pytest.raises(OutputExistsError, match="changed since it was written"):
        merge(files=two, output_file=tmp_path / "out.hdf5")


def test_the_same_files_give_the_same_bytes(two: list[Path], tmp_path: Path) -> None:
    for name in ("a", "b"):
        merge(files=two, output_file=tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


# --- what is told -------------------------------------------------------------------------------------

#: A prior of a file as version 0.1.0 kept it, and the records of two pieces of one population.
PRIOR = {
    "name": "bilby_file",
    "distribution": "aframe-data",
    "version": "0.1.0",
    "options": {"file": "/gone/mine.prior", "frame": "source"},
    "sha256": {"file": "abcd"},
}
OLD: dict[str, Any] = {"arguments": {"prior": PRIOR, "minimum_frequency": 20.0, "seed": 4, "stream": "training"}}
NEW: dict[str, Any] = {
    "version": "0.2.0",
    "arguments": {"prior": "here/mine.prior", "seed": 3},
    "identity": {
        "prior": {
            "name": "bilby_file",
            "distribution": "aframe-data",
            "options": {"frame": "source"},
            "sha256": {"file": "abcd"},
        },
        "minimum_frequency": 20,
        "seed": 3,
        "stream": "training",
    },
}


def test_progress_counts_every_row(two: list[Path], tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []

    def phase(title: str, total: float) -> Callable[[float], None]:
        told.append((title, total))
        return lambda amount: told.append(("", amount))

    carry_out(Merge(files=two, output_file=tmp_path / "out.hdf5"), Work(Inline(), phase))
    assert told[0] == ("joining rows", 9)
    assert sum(amount for _, amount in told[1:]) == 9


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (NEW, OLD, None),
        (OLD, NEW, None),
        (OLD, {"arguments": OLD["arguments"] | {"prior": PRIOR | {"version": "0.0.9"}, "seed": 5}}, None),
        (NEW, {"arguments": OLD["arguments"] | {"prior": PRIOR | {"sha256": {"file": "ef01"}}}}, r"prior.sha256.file"),
        ({"identity": NEW["identity"] | {"minimum_frequency": 30}}, OLD, r"\(minimum_frequency: 30 and 20.0\)"),
        ({"identity": {"seed": 4, "stream": "training"}}, OLD, "the same seed 4"),
        ({"arguments": "unknown"}, OLD, None),
    ],
)
def test_pieces_are_compared_by_content_whatever_version_made_them(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    first: dict[str, Any],
    second: dict[str, Any],
    message: str | None,
) -> None:
    paths = [
        write_ours(tmp_path / f"{seed}.hdf5", campaign(4, seed), **record) for seed, record in ((1, first), (2, second))
    ]
    with caplog.at_level(logging.WARNING, "aframe_data"):
        merge(files=paths, output_file=tmp_path / "out.hdf5")
    assert len(caplog.messages) == (message is not None)
    assert all(re.search(str(message), told) for told in caplog.messages)


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ({"seed": 3}, {"seed": 3}, r"1\.hdf5 and .*2\.hdf5 were made with the same seed 3"),
        ({"seed": 3, "prior": "a"}, {"seed": 4, "prior": "b"}, r"different arguments \(prior: a and b\)"),
        ({"seed": 3, "prior": "a"}, {"seed": 4, "prior": "a"}, None),
        ({"seed": 3, "stream": "training"}, {"seed": 3, "stream": "validation"}, None),
        ({}, {"seed": 3, "prior": "a"}, None),
    ],
)
def test_pieces_of_one_seed_or_of_two_populations_are_told(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    first: dict[str, Any],
    second: dict[str, Any],
    message: str | None,
) -> None:
    paths = [
        write_ours(tmp_path / f"{seed}.hdf5", campaign(4, seed), arguments=arguments)
        for seed, arguments in ((1, first), (2, second))
    ]
    with caplog.at_level(logging.WARNING, "aframe_data"):
        merge(files=paths, output_file=tmp_path / "out.hdf5")
    if message is None:
        assert not caplog.messages
    else:
        (told,) = caplog.messages
        assert re.search(message, told)


def test_what_is_left_out_is_told(two: list[Path], tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with h5py.File(two[0], "r+") as file:
        file["notes/mine"] = 3
    with caplog.at_level(logging.WARNING, "aframe_data"):
        merge(files=two, output_file=tmp_path / "out.hdf5")
    assert caplog.messages == [f"{two[0]} also holds notes, which is left out."]
