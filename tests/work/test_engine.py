"""The engine: order, errors, progress, and workers that die."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path

import pytest
import units

from aframe_data.errors import PluginError, WorkerDiedError
from aframe_data.work.engine import engine_for


@dataclass
class Seen:
    """What was heard of progress, in sum."""

    amount: float = 0
    tried: float = 0
    found: float = 0

    def __call__(self, amount: float, tried: float = 0, /, *, found: bool = False) -> None:
        self.amount += amount
        self.tried += tried
        self.found += amount if found else 0


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_outcomes_come_in_the_order_of_the_units(workers: int) -> None:
    with engine_for(workers) as running:
        outcomes = list(running.run(units.square, range(20)))
    assert [outcome.unit for outcome in outcomes] == list(range(20))
    assert [outcome.result for outcome in outcomes] == [n * n for n in range(20)]


@pytest.mark.parametrize("workers", [0, 2])
def test_units_may_be_endless(workers: int) -> None:
    with engine_for(workers) as running:
        assert [outcome.result for outcome in islice(running.run(units.square, count()), 5)] == [0, 1, 4, 9, 16]


@pytest.mark.parametrize("workers", [0, 2])
def test_an_error_belongs_to_its_unit(workers: int) -> None:
    with engine_for(workers) as running:
        outcomes = list(running.run(units.fail_on_three, range(6)))
    assert [outcome.unit for outcome in outcomes if outcome.error] == [3]
    assert isinstance(outcomes[3].error, ValueError)


@pytest.mark.parametrize("workers", [1, 2])
def test_an_abort_costs_one_unit_and_names_it(workers: int) -> None:
    with engine_for(workers) as running:
        outcomes = list(running.run(units.abort_on_three, range(10)))
    assert [outcome.unit for outcome in outcomes] == list(range(10))
    assert [outcome.result for outcome in outcomes] == [0, 1, 2, None, 4, 5, 6, 7, 8, 9]
    assert isinstance(outcomes[3].error, WorkerDiedError)
    assert "3" in str(outcomes[3].error)


def test_a_worker_killed_from_outside_costs_nothing(tmp_path: Path) -> None:
    with engine_for(2) as running:
        outcomes = list(running.run(units.die_once, [(number, str(tmp_path)) for number in range(6)]))
    assert [outcome.result for outcome in outcomes] == list(range(6))


@pytest.mark.parametrize("workers", [0, 2])
def test_progress_reaches_the_caller(workers: int) -> None:
    seen = Seen()
    with engine_for(workers) as running:
        list(running.run(units.square, range(7), advance=seen))
    assert (seen.amount, seen.tried, seen.found) == (7, 0, 0)


@pytest.mark.parametrize("workers", [0, 2])
def test_the_caller_hears_of_how_many_tries_and_what_was_only_found(workers: int) -> None:
    seen = Seen()
    with engine_for(workers) as running:
        list(running.run(units.draw, range(4), advance=seen))
    assert (seen.amount, seen.tried, seen.found) == (0 + 1 + 2 + 3, 4 * 10, 0 + 2)


def test_units_run_in_other_processes_with_one_thread_each() -> None:
    with engine_for(1) as running:
        (process,) = running.run(units.process_id, [0])
        (threads,) = running.run(units.threads, [0])
    assert process.result != os.getpid()
    assert threads.result == "1"


def test_no_worker_outlives_the_engine_for() -> None:
    with engine_for(2) as running:
        pids = {outcome.result for outcome in running.run(units.process_id, range(6))}
    assert pids
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_a_slow_unit_holds_nobody_up_within_the_window(tmp_path: Path) -> None:
    # Unit 0 waits until unit 9 has run: with a narrow window it would wait for ever.
    tasks = [(number, str(tmp_path)) for number in range(10)]
    with engine_for(2) as running:
        outcomes = list(running.run(units.wait_for_the_last, tasks, window=10))
    assert [outcome.result for outcome in outcomes] == list(range(10))


def test_a_death_costs_only_those_under_way_a_second_run(tmp_path: Path) -> None:
    tasks = [(number, str(tmp_path)) for number in range(40)]
    with engine_for(2) as running:
        outcomes = list(running.run(units.count_runs_and_die_once, tasks, window=40))
    assert [outcome.result for outcome in outcomes] == list(range(40))
    runs = [len(list(tmp_path.glob(f"run-{number}-*"))) for number in range(40)]
    assert sum(count - 1 for count in runs) <= 3


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("two arguments", "TwoArgumentsError: one and two"),
        ("long", f"TwoArgumentsError: ?[31m and {'x' * 489}…"),
        ("exit", "SystemExit: 0"),
        ("interrupt", "KeyboardInterrupt"),
    ],
)
def test_whatever_a_unit_raises_is_told_and_is_no_death(how: str, words: str) -> None:
    with engine_for(1) as running:
        (outcome,) = running.run(units.raise_oddly, [how])
    assert isinstance(outcome.error, PluginError)
    assert str(outcome.error) == words


def test_odd_messages_reach_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="aframe_data"), engine_for(2) as running:
        outcomes = list(running.run(units.log_oddly, range(8)))
    assert [outcome.error for outcome in outcomes] == [None] * 8
    messages = [record.getMessage() for record in caplog.records]
    assert messages.count("%d of") == 8
    assert sum(message.startswith("\U0001f600\x01") for message in messages) == 8


def test_the_inline_engine_runs_units_here_and_only_when_they_are_asked_for() -> None:
    begun: list[int] = []
    with engine_for(0) as running:
        outcomes = running.run(lambda number: begun.append(number) or os.getpid(), count())
        assert begun == []
        assert next(outcomes).result == os.getpid()
        assert begun == [0]


def test_a_plugin_that_exits_does_not_end_the_inline_run() -> None:
    with engine_for(0) as running:
        (outcome,) = running.run(units.raise_oddly, ["exit"])
    assert str(outcome.error) == "SystemExit: 0"


def test_an_interruption_ends_the_inline_run() -> None:
    with engine_for(0) as running, pytest.raises(KeyboardInterrupt):
        list(running.run(units.raise_oddly, ["interrupt"]))


def test_phases_of_one_engine_do_not_count_for_each_other() -> None:
    first, second = Seen(), Seen()
    with engine_for(0) as running:
        list(running.run(units.square, range(3), advance=first))
        list(running.run(units.square, range(4), advance=second))
        list(running.run(units.square, range(5)))
    assert (first.amount, second.amount) == (3, 4)


def test_a_run_that_nobody_wants_to_the_end_leaves_no_unit_running(tmp_path: Path) -> None:
    with engine_for(2) as running:
        outcomes = running.run(units.sleep_after_the_first, [(number, str(tmp_path)) for number in range(9)])
        next(outcomes)
        begun = list(tmp_path.iterdir())
        outcomes.close()  # type: ignore[attr-defined]  # a generator
        assert begun
        assert not any(Path(f"/proc/{path.name}").exists() for path in begun)
        assert [outcome.result for outcome in running.run(units.square, range(3))] == [0, 1, 4]
