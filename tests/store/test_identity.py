"""When two requests are the same: by what affects the data, and by nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from aframe_data import __version__
from aframe_data.store.identity import difference, encode, identity_of, provenance

IDENTITY = {"command": "fetch", "seed": 5, "prior": {"name": "flat", "options": {"heaviest": 80}}}


def test_a_record_says_version_command_arguments_and_identity() -> None:
    record = provenance({"start": 1}, IDENTITY, drawn=7)
    assert record == {
        "software": "aframe-data",
        "version": __version__,
        "packages": record["packages"],
        "command": "fetch",
        "arguments": {"start": 1},
        "identity": IDENTITY,
        "drawn": 7,
    }


def test_versions_of_the_packages_are_recorded() -> None:
    packages = provenance({}, IDENTITY)["packages"]
    assert packages["numpy"] == np.__version__
    assert {"bilby", "lalsuite", "gwpy"} <= set(packages)


def test_another_version_of_anything_is_the_same_request() -> None:
    record = {**provenance({}, IDENTITY), "version": "9.9", "packages": {"numpy": "0.1"}}
    assert difference(identity_of(record), IDENTITY) == ""


def test_the_text_does_not_depend_on_the_order_of_the_arguments() -> None:
    assert encode({"a": 1, "b": Path("x")}) == encode({"b": Path("x"), "a": 1})


@pytest.mark.parametrize(
    ("found", "wanted", "told"),
    [
        ({"a": 1, "b": {"c": 2, "d": (3,)}, "more": 4}, {"b": {"d": [3], "c": 2}, "a": 1}, ""),
        ({"a": 1, "b": {"c": 2}}, {"a": 1.5, "b": {"c": 2}}, "a: 1 there, 1.5 now"),
        ({"a": 1, "b": {"c": 2, "d": 3}}, {"a": 1, "b": {"c": 2}}, ""),
        ({}, {"a": 1}, "a: None there, 1 now"),
        ({"a": 1}, {"a": 1, "b": None}, ""),
        ({"s": [{"x": 1, "path": "p"}]}, {"s": [{"x": 1}]}, ""),
        ({"s": [{"x": 1}, {"x": 2}]}, {"s": [{"x": 1}]}, "s.number: 2 there, 1 now"),
        ({"s": [{"x": 1}]}, {"s": [{"x": 2}]}, "s.0.x: 1 there, 2 now"),
        ({"a": 1, "b": 2, "c": 3, "d": 4}, {"a": 0, "b": 0, "c": 0, "d": 0}, "c: 3 there, 0 now, …"),
    ],
)
def test_only_what_is_wanted_is_compared_and_differences_have_names(
    found: dict[str, object], wanted: dict[str, object], told: str
) -> None:
    assert difference(found, wanted).endswith(told)
    assert bool(difference(found, wanted)) == bool(told)


def test_a_record_of_version_0_1_has_its_identity_among_the_arguments() -> None:
    old = {
        "software": "aframe-data",
        "version": "0.1.0",
        "packages": {"scipy": "1.12"},
        "command": "psd",
        "arguments": {"files": ["/somewhere/else.hdf5"], "fft_length": 8},
        "strain": [{"path": "/somewhere/else.hdf5", "span": [0, 64], "content_sha256": "abc"}],
    }
    wanted = {"command": "psd", "fft_length": 8, "strain": [{"span": [0, 64], "content_sha256": "abc"}]}
    assert difference(identity_of(old), wanted) == ""
    assert "strain.0.content_sha256" in difference(
        identity_of(old), {**wanted, "strain": [{"span": [0, 64], "content_sha256": "abd"}]}
    )
