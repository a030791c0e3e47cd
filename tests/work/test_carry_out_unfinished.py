"""The one rule, where work was begun: it is gone on with by its own command, and in nobody else's way."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
from writing import Wish, Writing, Wrote

from aframe_data.errors import AframeDataError, UsageError
from aframe_data.store.claims import claimed
from aframe_data.work.carry_out import carry_out, do, forecast
from aframe_data.work.inline import Inline
from aframe_data.work.plan import Work
from aframe_data.work.unfinished import Unfinished

if TYPE_CHECKING:
    from pathlib import Path


def test_a_failure_keeps_finished_units_and_the_same_request_goes_on(path: Path) -> None:
    with pytest.raises(AframeDataError, match="as told"):
        do(Wish(Writing((path,), seed=5, fails_after=2)))
    unfinished = Unfinished(path)
    assert sorted(entry.name for entry in unfinished.path.glob("unit-*")) == [
        "unit-00000000.hdf5",
        "unit-00000001.hdf5",
    ]
    assert do(Wish(Writing((path,)))) == Wrote("made", 5)
    assert not unfinished.path.exists()


def test_what_is_taken_up_is_told_before_the_work(path: Path) -> None:
    told: list[Any] = []
    with pytest.raises(AframeDataError, match="as told"):
        carry_out(Wish(Writing((path,), seed=5, fails_after=2)), Work(Inline(), tell=told.append))
    assert told == []
    carry_out(Wish(Writing((path,))), Work(Inline(), tell=told.append))
    assert told == [
        {"event": "resumed", "finished": 2, "path": str(Unfinished(path).path)},
        {"event": "file", "path": str(path)},
    ]
    more = path.with_name("more")
    carry_out(Wish(Writing((path, more), separate=True, seed=5)), Work(Inline(), tell=told.append))
    assert told[2:] == [{"event": "present", "files": 1, "of": 2}, {"event": "file", "path": str(more)}]


def test_work_that_was_begun_is_gone_on_with_where_outputs_are_replaced_too(path: Path) -> None:
    """A workflow's rule that says --overwrite tries again, with no seed named."""
    do(Wish(Writing((path,), text="b")))
    with pytest.raises(AframeDataError, match="as told"):
        do(Wish(Writing((path,), seed=5, fails_after=2, replaces=True)))
    assert do(Wish(Writing((path,), replaces=True))) == Wrote("made", 5)


def test_other_unfinished_work_is_set_aside_until_the_output_is_whole(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(AframeDataError, match="as told"):
        do(Wish(Writing((path,), seed=5, fails_after=2)))
    with pytest.raises(AframeDataError, match="as told"):
        do(Wish(Writing((path,), text="b", seed=6, fails_after=1)))
    assert "text = a, not b) is set aside in" in caplog.text
    units = {entry.parent.name: entry.name for entry in path.parent.rglob("unit-*1.hdf5")}
    (aside,) = units
    assert aside.startswith("out.txt.parts-")

    assert do(Wish(Writing((path,), text="b"))) == Wrote("made", 6)
    assert [entry.name for entry in path.parent.iterdir()] == ["out.txt"]


def test_work_that_was_set_aside_is_gone_on_with_by_its_own_command(path: Path) -> None:
    for text, seed in (("a", 5), ("b", 6)):
        with pytest.raises(AframeDataError, match="as told"):
            do(Wish(Writing((path,), text=text, seed=seed, fails_after=2)))
    with pytest.raises(AframeDataError, match="as told"):
        do(Wish(Writing((path,), fails_after=2)))
    assert len(list(Unfinished(path).path.glob("unit-*"))) == 2
    assert next(iter(Unfinished(path).begun().values()))["seed"] == 5
    assert do(Wish(Writing((path,)))) == Wrote("made", 5)
    assert [entry.name for entry in path.parent.iterdir()] == ["out.txt"]


def test_units_of_which_nothing_is_known_are_not_taken_up(path: Path) -> None:
    unit = Unfinished(path).unit(0)
    unit.parent.mkdir(parents=True)
    unit.write_text("?")
    with pytest.raises(AframeDataError, match="as told"):
        do(Wish(Writing((path,), seed=5, fails_after=0)))
    assert not unit.exists()
    assert do(Wish(Writing((path,), seed=5))).how == "made"
    assert [entry.name for entry in path.parent.iterdir()] == ["out.txt"]


def test_unfinished_work_of_a_whole_output_goes(path: Path) -> None:
    """As after a kill between the last file and the end of its units."""
    do(Wish(Writing((path,), seed=5)))
    unfinished = Unfinished(path)
    unfinished.open({"command": "writing", "text": "a", "seed": 5})
    assert do(Wish(Writing((path,)))).how == "recalled"
    assert not unfinished.path.exists()


def test_room_is_needed_for_what_is_left_to_do(path: Path) -> None:
    free = shutil.disk_usage(path.parents[2]).free
    size = int(0.55 * free)  # with as many bytes of units it does not fit
    with pytest.raises(UsageError, match=r"has .* free, and .* are needed for what is left to do: .* more\.$"):
        forecast(Wish(Writing((path,), seed=5, size=size)), Work(Inline()))
    with pytest.raises(AframeDataError, match="as told"):
        do(Wish(Writing((path,), seed=5, fails_after=1)))
    with Unfinished(path).unit(0).open("wb") as file:
        file.truncate(size)
    assert forecast(Wish(Writing((path,), seed=5, size=size)), Work(Inline())).describe() == {"would": True}
    with pytest.raises(UsageError, match="are needed"):
        forecast(Wish(Writing((path,), seed=6, size=size)), Work(Inline()))


def test_the_unfinished_work_of_a_command_that_is_at_it_is_left_alone(path: Path) -> None:
    """As where one replaces the output, and another one finds it there."""
    do(Wish(Writing((path,), seed=5)))
    unfinished = Unfinished(path)
    unfinished.open(Writing((path,), seed=5).identity)
    with claimed(path.with_name(".out.txt.claim"), "out.txt"):
        assert do(Wish(Writing((path,)))).how == "recalled"
        assert unfinished.path.exists()
    assert do(Wish(Writing((path,)))).how == "recalled"
    assert not unfinished.path.exists()
