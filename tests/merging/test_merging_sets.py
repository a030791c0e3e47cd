"""Which files are pieces of one set: those that agree in what both of them state, whoever wrote them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

from aframe_data.errors import UsageError
from ledger_pieces import assert_rows, campaign, merge, read, without_waveforms, write_foreign, write_ours

if TYPE_CHECKING:
    from pathlib import Path

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


def written(tmp_path: Path, *records: dict[str, Any]) -> list[Path]:
    return [write_ours(tmp_path / f"{n}.hdf5", campaign(4, n), **record) for n, record in enumerate(records, 1)]


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (NEW, OLD, None),
        (OLD, NEW, None),
        (OLD, {"arguments": OLD["arguments"] | {"prior": PRIOR | {"version": "0.0.9"}, "seed": 5}}, None),
        (
            NEW,
            {"arguments": OLD["arguments"] | {"prior": PRIOR | {"sha256": {"file": "ef01"}}}},
            "content of prior is",
        ),
        (
            {"identity": NEW["identity"] | {"minimum_frequency": 30}},
            OLD,
            "minimum_frequency is 30 in .* and 20.0 in",
        ),
        ({"identity": {"seed": 4, "stream": "training"}}, OLD, None),
        ({"arguments": "unknown"}, OLD, None),
        ({"sources": 3}, OLD, None),
        ({"arguments": {"prior": "a"}}, {"arguments": {"prior": "b"}}, "prior is 'a' in .*1.hdf5 and 'b' in .*2.hdf5"),
        ({"sources": [{"provenance": None}, {"provenance": NEW}]}, OLD, None),
        (
            {"sources": [{"provenance": NEW}]},
            {"identity": NEW["identity"] | {"minimum_frequency": 30}},
            "minimum_frequency is 20 in .*1.hdf5 and 30 in .*2.hdf5",
        ),
    ],
)
def test_pieces_are_compared_by_content_whatever_version_made_them(
    tmp_path: Path, first: dict[str, Any], second: dict[str, Any], message: str | None
) -> None:
    paths = written(tmp_path, first, second)
    if message is None:
        assert merge(files=paths, output_file=tmp_path / "out.hdf5").length == 8
        return
    with pytest.raises(UsageError, match=message):
        merge(files=paths, output_file=tmp_path / "out.hdf5")
    assert sorted(tmp_path.iterdir()) == paths


def branch(**identity: Any) -> dict[str, Any]:
    """The record of a branch of a campaign."""
    known = {
        "generator": {"name": "lalsimulation", "options": {"approximant": "IMRPhenomPv2"}},
        "reference_frequency": 50.0,
        "acceptance": {"band": {"highpass": 32.0, "lowpass": None}, "snr_threshold": 4.0, "full_evaluation": False},
        "times": {"start": 1, "end": 2, "shifts": [0.0, 1.0]},
        "noise": {"psd": "a"},
        "seed": 1,
    }
    return {"identity": known | identity, "host": identity.get("seed", 0), "date": str(identity)}


def test_seed_host_date_noise_and_times_may_differ(tmp_path: Path) -> None:
    other = branch(seed=2, times={"start": 3, "end": 4, "shifts": [0.0, 2.0]}, noise={"psd": "b"})
    assert merge(files=written(tmp_path, branch(), other), output_file=tmp_path / "out.hdf5").num_files == 2


def test_one_seed_of_draws_that_differ_is_no_matter(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    merge(files=written(tmp_path, branch(), branch()), output_file=tmp_path / "out.hdf5")
    assert not caplog.messages


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (
            {"generator": {"name": "lalsimulation", "options": {"approximant": "IMRPhenomD"}}},
            "approximant is 'IMRPhenomPv2' in .*1.hdf5 and 'IMRPhenomD' in .*2.hdf5",
        ),
        ({"reference_frequency": 20.0}, "reference_frequency is 50.0 in .* and 20.0 in"),
        ({"acceptance": {"snr_threshold": 5.0}}, "snr_threshold is 4.0 in .* and 5.0 in"),
        ({"acceptance": {"band": {"lowpass": 99.0}}}, "lowpass is None in .* and 99.0 in"),
        ({"acceptance": {"full_evaluation": True}}, None),
    ],
)
def test_what_makes_them_one_set_may_not(tmp_path: Path, other: dict[str, Any], message: str | None) -> None:
    paths = written(tmp_path, branch(), branch(**other))
    if message is None:
        merge(files=paths, output_file=tmp_path / "out.hdf5")
        return
    with pytest.raises(UsageError, match=message):
        merge(files=paths, output_file=tmp_path / "out.hdf5")


# --- files of this package and Aframe's own -----------------------------------------------------------


def with_frequencies(content: dict[str, Any]) -> dict[str, Any]:
    rows = content["attributes"]["length"]
    more = {"parameters/minimum_frequency": np.full(rows, 20.0), "parameters/luminosity_distance": np.ones(rows)}
    return {**content, "arrays": {**content["arrays"], **more}}


def in_doubles(content: dict[str, Any]) -> dict[str, Any]:
    return {**content, "arrays": {name: values.astype("f8") for name, values in content["arrays"].items()}}


@pytest.mark.parametrize("ours_first", [True, False])
def test_they_mix_and_what_only_one_kind_has_is_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, *, ours_first: bool
) -> None:
    contents = [campaign(4, 1), in_doubles(campaign(5, 2))]
    paths = [
        write_ours(tmp_path / "ours.hdf5", with_frequencies(contents[0])),
        write_foreign(tmp_path / "theirs.hdf5", contents[1]),
    ]
    order = slice(None, None, 1 if ours_first else -1)
    assert merge(files=paths[order], output_file=tmp_path / "out.hdf5").num_injections == 63
    # Samples of two precisions become those of the higher one, in which both are exact.
    assert_rows(tmp_path / "out.hdf5", *[in_doubles(content) for content in contents][order])
    told = "parameters/luminosity_distance, parameters/minimum_frequency, which not all files have"
    assert [message for message in caplog.messages if told in message] == caplog.messages != []
    assert merge(files=paths[order], output_file=tmp_path / "out.hdf5").present


def test_rejected_parameters_mix_too(tmp_path: Path) -> None:
    ours, theirs = (without_waveforms(campaign(4, seed)) for seed in (1, 2))
    del theirs["attributes"]["snr_estimated"]
    ours["arrays"]["parameters/snr_is_estimate"] = np.zeros(4)
    paths = [write_ours(tmp_path / "ours.hdf5", ours), write_foreign(tmp_path / "theirs.hdf5", theirs)]
    merge(files=paths, output_file=tmp_path / "out.hdf5")
    attributes, arrays = read(tmp_path / "out.hdf5")
    assert set(attributes) == {"length", "ifos"}
    assert arrays.keys() == theirs["arrays"].keys()


@pytest.mark.parametrize(
    ("group", "name"),
    [
        ("attributes", "right_pad"),
        ("attributes", "num_injections"),
        ("arrays", "parameters/ra"),
        ("arrays", "waveforms/l1"),
    ],
)
def test_what_readers_look_for_is_not_left_out(tmp_path: Path, group: str, name: str) -> None:
    theirs = campaign(4, 2)
    del theirs[group][name]
    paths = [write_ours(tmp_path / "ours.hdf5", campaign(4, 1)), write_foreign(tmp_path / "theirs.hdf5", theirs)]
    with pytest.raises(UsageError, match=f"{name} is in .*ours.hdf5 and not in .*theirs.hdf5"):
        merge(files=paths, output_file=tmp_path / "out.hdf5")


@pytest.mark.parametrize("name", ["right_pad", "sample_rate", "duration"])
def test_what_both_state_must_agree(tmp_path: Path, name: str) -> None:
    theirs = campaign(4, 2)
    theirs["attributes"][name] += 1
    paths = [write_ours(tmp_path / "ours.hdf5", campaign(4, 1)), write_foreign(tmp_path / "theirs.hdf5", theirs)]
    with pytest.raises(UsageError, match=f"the attribute {name} is "):
        merge(files=paths, output_file=tmp_path / "out.hdf5")


@pytest.mark.parametrize("dtypes", [("f4", "f8"), ("f8", "f4")])
def test_numbers_of_two_precisions_get_the_higher_one(tmp_path: Path, dtypes: tuple[str, str]) -> None:
    contents = [campaign(4, 1), campaign(4, 2)]
    for content, dtype in zip(contents, dtypes, strict=True):
        content["arrays"]["parameters/ra"] = content["arrays"]["parameters/ra"].astype(dtype)
    paths = [write_foreign(tmp_path / f"{number}.hdf5", content) for number, content in enumerate(contents)]
    merge(files=paths, output_file=tmp_path / "out.hdf5")
    with h5py.File(tmp_path / "out.hdf5") as file:
        assert file["parameters/ra"].dtype == np.float64
        np.testing.assert_array_equal(
            file["parameters/ra"][:], np.concatenate([content["arrays"]["parameters/ra"] for content in contents])
        )


# --- pieces without signals ---------------------------------------------------------------------------


def empty(draws: int) -> dict[str, Any]:
    content = campaign(0, 1)
    content["attributes"]["num_injections"] = draws
    return content


@pytest.mark.parametrize("place", [0, 1])
def test_empty_pieces_count_their_draws(tmp_path: Path, place: int) -> None:
    contents = [campaign(3, 1), campaign(2, 2)]
    contents.insert(place, empty(11))
    contents.append(empty(13))
    paths = [write_ours(tmp_path / f"{number}.hdf5", content) for number, content in enumerate(contents)]
    assert merge(files=paths, output_file=tmp_path / "out.hdf5").num_injections == 7 * 5 + 11 + 13
    assert_rows(tmp_path / "out.hdf5", campaign(3, 1), campaign(2, 2))


def test_the_shapes_of_what_is_empty_do_not_matter(tmp_path: Path) -> None:
    """As numpy has an array of no rows whose width nobody said."""
    nothing = empty(11)
    nothing["arrays"] = {name: np.zeros(0) for name in nothing["arrays"]}
    paths = [write_foreign(tmp_path / "empty.hdf5", nothing), write_ours(tmp_path / "1.hdf5", campaign(3, 1))]
    assert merge(files=paths, output_file=tmp_path / "out.hdf5").num_injections == 32
    assert_rows(tmp_path / "out.hdf5", campaign(3, 1))


def test_the_settings_of_what_is_empty_do(tmp_path: Path) -> None:
    nothing = empty(11)
    nothing["attributes"]["duration"] = 8.0
    paths = [write_ours(tmp_path / "1.hdf5", campaign(3, 1)), write_ours(tmp_path / "empty.hdf5", nothing)]
    with pytest.raises(UsageError, match=re.escape("the attribute duration is 2.0 in")):
        merge(files=paths, output_file=tmp_path / "out.hdf5")


def test_only_empty_pieces_make_an_empty_file(tmp_path: Path) -> None:
    paths = [write_ours(tmp_path / f"{number}.hdf5", empty(5)) for number in (1, 2)]
    report = merge(files=paths, output_file=tmp_path / "out.hdf5")
    assert (report.length, report.num_injections) == (0, 10)
    assert_rows(tmp_path / "out.hdf5", empty(5))
