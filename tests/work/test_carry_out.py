"""The one rule: what is there is recalled, what is not is made, and nothing is lost on the way."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from writing import Wish, Writing, Wrote

from aframe_data.errors import AframeDataError, OutputExistsError, UsageError
from aframe_data.store.atomic import make_folder, write_text
from aframe_data.store.claims import claimed
from aframe_data.store.identity import provenance
from aframe_data.work.carry_out import carry_out, do, forecast
from aframe_data.work.inline import Inline
from aframe_data.work.plan import Work

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_not_there_is_made_with_its_folders(path: Path) -> None:
    assert do(Wish(Writing((path,)))).how == "made"
    assert [entry.name for entry in path.parent.iterdir()] == ["out.txt"]


def test_what_is_there_is_recalled_and_the_seed_is_that_of_the_file(path: Path) -> None:
    do(Wish(Writing((path,), seed=7)))
    assert do(Wish(Writing((path,)))) == Wrote("recalled", 7)
    assert do(Wish(Writing((path,), seed=7))).how == "recalled"


def test_what_is_there_and_differs_is_told_by_name_and_kept(path: Path) -> None:
    do(Wish(Writing((path,), seed=7)))
    before = path.read_bytes()
    with pytest.raises(OutputExistsError, match=r"text = a, not b"):
        do(Wish(Writing((path,), text="b")))
    with pytest.raises(OutputExistsError, match=r"seed = 7, not 8"):
        do(Wish(Writing((path,), seed=8)))
    assert path.read_bytes() == before
    assert do(Wish(Writing((path,), text="b", replaces=True))).how == "made"


@pytest.mark.parametrize("content", ["null", '{"software": "another"}'])
def test_a_file_of_another_program_is_not_touched(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(content)
    with pytest.raises(OutputExistsError, match="--overwrite replaces it"):
        do(Wish(Writing((path,))))
    assert path.read_text() == content


def test_a_failure_leaves_no_empty_folder(path: Path) -> None:
    with pytest.raises(AframeDataError, match="as told"):
        do(Wish(Writing((path,), fails_after=0)))
    assert not path.parent.parent.exists()


def test_one_of_two_files_is_not_completed_by_guess(path: Path) -> None:
    both = (path, path.with_name("second.txt"))
    do(Wish(Writing(both, seed=5)))
    both[1].unlink()
    with pytest.raises(OutputExistsError, match="what belongs to it is gone"):
        do(Wish(Writing(both)))
    assert do(Wish(Writing(both, seed=5, separate=True))).how == "made"
    assert both[1].exists()


def test_an_output_never_replaces_an_input(path: Path) -> None:
    do(Wish(Writing((path,), seed=5)))
    link = path.with_name("link.txt")
    link.symlink_to(path)
    with pytest.raises(UsageError, match="is among the files to read"):
        do(Wish(Writing((path,), given=(link,), replaces=True)))


def test_a_disk_without_room_is_told_before_the_work(path: Path) -> None:
    with pytest.raises(UsageError, match="are needed"):
        do(Wish(Writing((path,), size=10**18)))
    assert not path.parent.exists()


def test_what_cannot_be_a_file_is_refused(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(UsageError, match="a folder is there"):
        do(Wish(Writing((path,))))


def test_a_forecast_makes_nothing_and_knows_what_is_there(path: Path) -> None:
    work = Work(Inline())
    assert forecast(Wish(Writing((path,))), work).describe() == {"would": True}
    assert not path.parent.parent.exists()
    do(Wish(Writing((path,))))
    assert forecast(Wish(Writing((path,))), work).describe() == {"present": True, "files": [str(path)]}
    with pytest.raises(OutputExistsError):
        forecast(Wish(Writing((path,), text="b")), work)


def test_a_picture_is_drawn_of_what_was_made_and_of_what_is_there(path: Path) -> None:
    picture = path.with_name("look.png")
    told: list[Any] = []
    work = Work(Inline(), tell=told.append)
    carry_out(Wish(Writing((path,)), picture), work)
    assert picture.read_text() == "made"
    carry_out(Wish(Writing((path,)), picture), work)
    assert [event["drawn"] for event in told if event["event"] == "picture"] == [True, False]
    picture.unlink()
    carry_out(Wish(Writing((path,)), picture), work)
    assert picture.read_text() == "recalled"


@pytest.mark.parametrize(("name", "words"), [("look.gif", "must end in one of"), ("out.txt", "must end in one of")])
def test_a_picture_that_cannot_be_drawn_is_refused_before_the_work(path: Path, name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        do(Wish(Writing((path,)), path.with_name(name)))
    assert not path.exists()


def test_what_another_command_made_meanwhile_is_recalled(path: Path) -> None:
    make_folder(path.parent)
    claim = path.with_name(".out.txt.claim")

    def other() -> None:
        write_text(path, json.dumps(provenance({}, Writing((path,), seed=5).identity)))
        free.__exit__(None, None, None)

    free = claimed(claim, "out.txt")
    free.__enter__()
    threading.Timer(0.2, other).start()
    assert do(Wish(Writing((path,)))) == Wrote("recalled", 5)
    assert [entry.name for entry in path.parent.iterdir()] == ["out.txt"]


def test_outputs_that_stand_for_themselves_are_made_by_many_at_once(path: Path) -> None:
    with claimed(path.with_name(".out.txt.claim"), "out.txt"):
        assert do(Wish(Writing((path,), separate=True))).how == "made"


@dataclass(frozen=True)
class Losing(Writing):
    """Loses a file that it reads, or finds another content in it."""

    removes: bool = False

    def make(self, work: Work) -> Wrote:
        if self.removes:
            self.given[0].unlink()
            self.given[0].read_text()
        self.given[0].write_text("something else")
        return super().make(work)


def test_a_file_that_vanishes_or_changes_is_told_in_a_sentence(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    given = path.parents[2] / "given.txt"
    given.write_text("read")
    with pytest.raises(AframeDataError, match=r"given\.txt disappeared while the command was running: was it moved or"):
        do(Wish(Losing((path,), given=(given,), removes=True)))
    given.write_text("read")
    do(Wish(Losing((path,), given=(given,))))
    assert caplog.messages == [f"{given} changed while it was in use: what was made of it may be of either content."]
