"""The engine: order, errors, progress, and workers that die."""

from __future__ import annotations

import logging
import os
from itertools import count, islice
from pathlib import Path

import pytest
import units

from aframe_data.errors import PluginError, WorkerDiedError
from aframe_data.work.engine import pool


@pytest.mark.parametrize("workers", [1, 2])
def test_outcomes_come_in_the_order_of_the_units(workers: int) -> None:
    with pool(workers) as running:
        outcomes = list(running.run(units.square, range(20)))
    assert [outcome.unit for outcome in outcomes] == list(range(20))
    assert [outcome.result for outcome in outcomes] == [n * n for n in range(20)]


def test_units_may_be_endless() -> None:
    with pool(2) as running:
        assert [outcome.result for outcome in islice(running.run(units.square, count()), 5)] == [0, 1, 4, 9, 16]


def test_an_error_belongs_to_its_unit() -> None:
    with pool(2) as running:
        outcomes = list(running.run(units.fail_on_three, range(6)))
    assert [outcome.unit for outcome in outcomes if outcome.error] == [3]
    assert isinstance(outcomes[3].error, ValueError)


@pytest.mark.parametrize("workers", [1, 2])
def test_an_abort_costs_one_unit_and_names_it(workers: int) -> None:
    with pool(workers) as running:
        outcomes = list(running.run(units.abort_on_three, range(10)))
    assert [outcome.unit for outcome in outcomes] == list(range(10))
    assert [outcome.result for outcome in outcomes] == [0, 1, 2, None, 4, 5, 6, 7, 8, 9]
    assert isinstance(outcomes[3].error, WorkerDiedError)
    assert "3" in str(outcomes[3].error)


def test_a_worker_killed_from_outside_costs_nothing(tmp_path: Path) -> None:
    with pool(2) as running:
        outcomes = list(running.run(units.die_once, [(number, str(tmp_path)) for number in range(6)]))
    assert [outcome.result for outcome in outcomes] == list(range(6))


def test_progress_reaches_the_parent() -> None:
    seen: list[float] = []
    with pool(2, on_advance=seen.append) as running:
        list(running.run(units.square, range(7)))
    assert sum(seen) == 7


def test_units_run_in_other_processes_with_one_thread_each() -> None:
    with pool(1) as running:
        (process,) = running.run(units.process_id, [0])
        (threads,) = running.run(units.threads, [0])
    assert process.result != os.getpid()
    assert threads.result == "1"


def test_no_worker_outlives_the_pool() -> None:
    with pool(2) as running:
        pids = {outcome.result for outcome in running.run(units.process_id, range(6))}
    assert pids
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_a_slow_unit_holds_nobody_up_within_the_window(tmp_path: Path) -> None:
    # Unit 0 waits until unit 9 has run: with a narrow window it would wait for ever.
    tasks = [(number, str(tmp_path)) for number in range(10)]
    with pool(2) as running:
        outcomes = list(running.run(units.wait_for_the_last, tasks, window=10))
    assert [outcome.result for outcome in outcomes] == list(range(10))


def test_a_death_costs_only_those_under_way_a_second_run(tmp_path: Path) -> None:
    tasks = [(number, str(tmp_path)) for number in range(40)]
    with pool(2) as running:
        outcomes = list(running.run(units.count_runs_and_die_once, tasks, window=40))
    assert [outcome.result for outcome in outcomes] == list(range(40))
    runs = [len(list(tmp_path.glob(f"run-{number}-*"))) for number in range(40)]
    assert sum(count - 1 for count in runs) <= 3


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("two arguments", "TwoArgumentsError: one and two"),
        ("exit", "SystemExit: 0"),
        ("interrupt", "KeyboardInterrupt"),
    ],
)
def test_whatever_a_unit_raises_is_told_and_is_no_death(how: str, words: str) -> None:
    with pool(1) as running:
        (outcome,) = running.run(units.raise_oddly, [how])
    assert isinstance(outcome.error, PluginError)
    assert str(outcome.error) == words


def test_odd_messages_reach_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="aframe_data"), pool(2) as running:
        outcomes = list(running.run(units.log_oddly, range(8)))
    assert [outcome.error for outcome in outcomes] == [None] * 8
    messages = [record.getMessage() for record in caplog.records]
    assert messages.count("%d of") == 8
    assert sum(message.startswith("\U0001f600\x01") for message in messages) == 8
