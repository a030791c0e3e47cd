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
        ({"a": 1, "b": {"c": 2}}, {"a": 1.5, "b": {"c": 2}}, "a = 1, not 1.5"),
        ({"a": 1, "b": {"c": 2, "d": 3}}, {"a": 1, "b": {"c": 2}}, ""),
        ({}, {"a": 1}, "a = none, not 1"),
        ({"a": 1}, {"a": 1, "b": None}, ""),
        ({"s": [{"x": 1, "path": "p"}]}, {"s": [{"x": 1}]}, ""),
        ({"s": [{"x": 1}, {"x": 2}]}, {"s": [{"x": 1}]}, "number = 2, not 1"),
        ({"s": [{"x": 1}]}, {"s": [{"x": 2}]}, "x = 1, not 2"),
        ({"a": 1, "b": 2, "c": 3, "d": 4}, {"a": 0, "b": 0, "c": 0, "d": 0}, "c = 3, not 0; …"),
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
    changed = {**wanted, "strain": [{"span": [0, 64], "content_sha256": "abd"}]}
    assert difference(identity_of(old), changed) == "another set of files"


PROVIDER = {"name": "flat", "distribution": "stranger", "options": {"heaviest": 80.0}, "sha256": {"path": "aa"}}
SIGNALS = {
    "recipe": 1,
    "unit_size": 64,
    "prior": PROVIDER,
    "generator": {"name": "lalsimulation", "distribution": "aframe-data", "options": {"approximant": "IMRPhenomD"}},
    "request": {"sample_rate": 2048.0, "duration": 8.0, "right_pad": 2.0},
    "acceptance": {"ifos": ["H1", "L1"], "band": {"highpass": 32.0, "lowpass": None}, "full_evaluation": False},
    "noise": {"psd": {"H1": {"kind": "background", "content_sha256": "ab"}}},
    "times": {"shifts": [0.0, 1.0], "segments": [[0, 64], [64, 128]], "right_pad": 2.0},
    "sources": [{"name": "gwosc", "options": {"host": "a"}}, {"name": "file", "sha256": {"files": "ab"}}],
}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"request": {"sample_rate": 4096.0, "duration": 4.0, "right_pad": 2.0}, "unit_size": 32},
         "waveform_duration = 8, not 4; sample_rate = 2048, not 4096"),
        ({"generator": {**SIGNALS["generator"], "options": {"approximant": "TaylorF2"}}},
         "approximant = IMRPhenomD, not TaylorF2"),
        ({"prior": {"name": "spins", "distribution": "other", "options": {"least": 1}}}, "prior = flat, not spins"),
        ({"prior": {**PROVIDER, "sha256": {"path": "ab"}}}, "another prior"),
        ({"acceptance": {"ifos": ["H1"], "band": {"highpass": 32.0, "lowpass": 500.0}, "full_evaluation": True}},
         "lowpass = none, not 500; full_evaluation = false, not true; ifos = H1,L1, not H1"),
        ({"noise": {"psd": {"H1": {"kind": "background", "content_sha256": "ac"}}}}, "another psd"),
        ({"times": {"shifts": [0.0, 2.0], "segments": [[0, 128]], "right_pad": 2.0}},
         "another background; shifts = 0,1, not 0,2"),
        ({"sources": [{"name": "gwosc", "options": {"host": "b"}}]}, "host = a, not b; source = 2, not 1"),
        ({"sources": [SIGNALS["sources"][0], {"name": "file", "sha256": {"files": "ac"}}]}, "another files"),
        ({"recipe": 2}, "version of the recipe = 1, not 2"),
        ({"text": "x" * 100}, "another text"),
    ],
)  # fmt: skip
def test_differences_are_told_in_the_words_of_the_options(changes: dict[str, object], told: str) -> None:
    there = {**SIGNALS, "text": "short"}
    assert difference(there, {**there, **changes}) == told
    assert not set("{}[]'") & set(told)
