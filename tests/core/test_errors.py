"""Errors cross process borders whole, and say which names are near."""

from __future__ import annotations

import inspect
import pickle

import pytest

from aframe_data import errors
from aframe_data.errors import AframeDataError, NoDataError, TransientError, UsageError, did_you_mean, unknown_name
from aframe_data.types import Segment

CLASSES = [
    item
    for _, item in inspect.getmembers(errors, inspect.isclass)
    if issubclass(item, AframeDataError) and item.__module__ == errors.__name__
]
MADE = [
    *(cls("what was wrong: 5 % of it") for cls in CLASSES),
    NoDataError("nothing there", [Segment(1, 2), Segment(3, 4.5)]),
    TransientError("later", retry_after=2.5),
]


@pytest.mark.parametrize("error", MADE, ids=lambda error: type(error).__name__)
def test_an_error_survives_a_pickle(error: AframeDataError) -> None:
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert copy.args == error.args
    assert vars(copy) == vars(error)
    assert copy.exit_code == error.exit_code


@pytest.mark.parametrize("cls", CLASSES)
def test_the_exit_code_is_2_for_wrong_usage_and_1_for_the_rest(cls: type[AframeDataError]) -> None:
    assert cls.exit_code == (2 if issubclass(cls, UsageError) else 1)


def test_what_is_available_is_kept() -> None:
    assert NoDataError("m", iter([Segment(1, 2)])).available == (Segment(1, 2),)
    assert NoDataError("m").available == ()
    assert TransientError("m").retry_after is None


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("gwsoc", " Did you mean 'gwosc'?"),
        ("GWOSC", " Did you mean 'gwosc'?"),
        ("IMRPhenomXPMH", " Did you mean 'IMRPhenomXPHM'?"),
        ("zzz", ""),
        ("", ""),
    ],
)
def test_near_names_are_offered_in_their_own_spelling(name: str, hint: str) -> None:
    assert did_you_mean(name, ["gwosc", "file", "IMRPhenomXPHM"]) == hint


def test_an_unknown_name_is_told_with_the_near_ones_and_all() -> None:
    error = unknown_name("prior", "spin_bhb", ["spin_bbh", "ringdown"])
    assert str(error) == "unknown prior 'spin_bhb'. Did you mean 'spin_bbh'? Known: ringdown, spin_bbh."
    assert "Known: none." in str(unknown_name("prior", "x", []))
