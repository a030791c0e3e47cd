"""The one rule: what is there is recalled, what is not is made, and nothing is lost on the way."""

from __future__ import annotations

import json
import shutil
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from aframe_data.errors import AframeDataError, OutputExistsError, UsageError
from aframe_data.store.atomic import make_folder, write_text
from aframe_data.store.claims import claimed
from aframe_data.store.identity import provenance
from aframe_data.store.output import RecordedFile
from aframe_data.work.carry_out import carry_out, do, forecast
from aframe_data.work.inline import Inline
from aframe_data.work.plan import Forecast, Plan, Report, Work
from aframe_data.work.unfinished import Unfinished

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from aframe_data.store.identity import Identity


@dataclass(frozen=True)
class Wrote(Report):
    """Which way the files came about."""

    how: str
    seed: int | None

    def describe(self) -> dict[str, Any]:
        return {"how": self.how}


@dataclass(frozen=True)
class Would(Forecast):
    def describe(self) -> dict[str, Any]:
        return {"would": True}


def read_record(path: Path) -> dict[str, Any] | None:
    record: dict[str, Any] | None = json.loads(path.read_text())
    return record


@dataclass(frozen=True)
class Writing(Plan[Wrote]):
    """Writes its record to some files, in units, and fails where it is told to."""

    paths: tuple[Path, ...]
    text: str = "a"
    seed: int | None = None
    given: tuple[Path, ...] = ()
    replaces: bool = False
    fails_after: int | None = None
    size: int = 10
    separate: bool = False

    @property
    def outputs(self) -> Sequence[RecordedFile]:
        return [RecordedFile(path, read_record) for path in self.paths]

    @property
    def inputs(self) -> Sequence[Path]:
        return self.given

    @property
    def independent(self) -> bool:
        return self.separate

    @property
    def identity(self) -> Identity:
        return {"command": "writing", "text": self.text, "seed": self.seed}

    @property
    def nbytes(self) -> int:
        return self.size

    @property
    def unfinished(self) -> Unfinished | None:
        return Unfinished(self.paths[0]) if self.paths and not self.separate else None

    def adopting(self, found: Identity) -> Writing:
        return self if self.seed is not None else replace(self, seed=found.get("seed"))

    def forecast(self, work: Work) -> Would:
        del work
        return Would()

    def make(self, work: Work) -> Wrote:
        if self.fails_after is not None:
            for number in range(self.fails_after):
                assert self.unfinished is not None
                self.unfinished.unit(number).write_text("done")
            raise AframeDataError("as told")
        for path in self.paths:
            if not path.exists() or self.replaces:
                write_text(path, json.dumps(provenance({}, self.identity)))
                work.tell({"event": "file", "path": str(path)})
        return Wrote("made", self.seed)

    def recall(self, work: Work) -> Wrote:
        del work
        return Wrote("recalled", self.seed)


@dataclass(frozen=True)
class Wish:
    """A request of the tests."""

    plan: Writing
    picture: Path | None = None

    def planned(self) -> Writing:
        return self.plan

    def processes(self) -> int:
        return 0

    def replaces(self) -> bool:
        return self.plan.replaces

    def wanted_picture(self) -> Path | None:
        return self.picture

    def drawer(self) -> Callable[[Any, Any, Path], None]:
        return lambda _request, report, path: write_text(path, report.how)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "folder" / "out.txt"


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
    assert next(iter(Unfinished(path).begun()))["seed"] == 5
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
