"""The process from which workers are forked: what it imports first, and that nothing of that does harm."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent
from typing import Any

import psutil
import pytest

from plugin_factory import run_python

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere workers import for themselves")

HERE = Path(__file__).resolve().parent

#: A module that notes which processes import it.
NOTED = """
import os, pathlib
with (pathlib.Path(__file__).parent / "imported").open("a") as file:
    print(os.getpid(), file=file)
"""


def run_units(folder: Path, module: str, function: str, numbers: int = 6) -> tuple[list[Any], list[int], str]:
    """What units give whose engine of two workers was told of a module; who imported it; and stderr."""
    (folder / "noted.py").write_text(module)
    done = run_python(
        f"""
        import json, os, units
        from aframe_data.work.engine import engine_for
        with engine_for(2) as engine:
            engine.prepare(["noted"])
            outcomes = list(engine.run(units.{function}, range({numbers})))
        print(json.dumps([outcome.result if outcome.error is None else str(outcome.error) for outcome in outcomes]))
        """,
        folders=(folder, HERE),
    )
    assert done.returncode == 0, done.stderr
    noted = folder / "imported"
    return json.loads(done.stdout), [*map(int, noted.read_text().split())] if noted.exists() else [], done.stderr


def test_a_module_is_imported_once_and_all_workers_begin_with_it(tmp_path: Path) -> None:
    results, imported, err = run_units(tmp_path, NOTED, "process_and_modules")
    workers = {process for process, _ in results}
    assert len(imported) == 1
    assert not workers & {*imported}
    assert all("noted" in modules for _, modules in results)
    assert err == ""


@pytest.mark.parametrize("trouble", ["raise ValueError('no')", "import sys; sys.exit('no')", "import nowhere_at_all"])
def test_a_module_that_fails_to_import_is_left_to_the_units(tmp_path: Path, trouble: str) -> None:
    results, _, err = run_units(tmp_path, trouble, "square")
    assert results == [n * n for n in range(6)]
    assert err == ""


def test_a_module_that_ends_its_process_costs_no_unit_but_those_that_need_it(tmp_path: Path) -> None:
    abort = NOTED + "os.abort()\n"
    results, imported, _ = run_units(tmp_path, abort, "square")
    assert results == [n * n for n in range(6)]
    assert len(imported) == 1
    results, _, _ = run_units(tmp_path, abort, "import_noted_on_three")
    assert results[:3] + results[4:] == [0, 1, 2, 4, 5]
    assert "the worker process died while it worked on 3" in results[3]


def test_no_worker_is_forked_where_a_module_has_started_a_thread(tmp_path: Path) -> None:
    module = NOTED + "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
    results, imported, _ = run_units(tmp_path, module, "process_and_modules")
    assert len(imported) == 1
    assert not any("noted" in modules for _, modules in results)


def test_workers_do_not_draw_the_same_of_numpys_global_state(tmp_path: Path) -> None:
    results, _, _ = run_units(tmp_path, "import numpy.random", "process_and_number", numbers=40)
    first = {}
    for process, number in results:
        first.setdefault(process, number)
    assert len({*first.values()}) == len(first) == 2


def start_importing(folder: Path) -> tuple[subprocess.Popen[str], psutil.Process]:
    """A command whose server imports a module for a minute, and the server."""
    (folder / "noted.py").write_text(NOTED + "import time\ntime.sleep(60)\n")
    code = dedent("""
        import time, units
        from aframe_data.work.engine import engine_for
        with engine_for(1) as engine:
            engine.prepare(["noted"])
            list(engine.run(units.square, [1]))
        """)
    path = os.pathsep.join([str(folder), str(HERE)])
    command = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A shell that runs the tests in the background has them ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - there are no threads here
    )
    end = time.monotonic() + 60
    while not (folder / "imported").exists() or not (folder / "imported").read_text().strip():
        assert time.monotonic() < end
        assert command.poll() is None
        time.sleep(0.01)
    return command, psutil.Process(int((folder / "imported").read_text()))


def test_a_command_that_is_killed_while_modules_are_imported_leaves_no_process(tmp_path: Path) -> None:
    command, server = start_importing(tmp_path)
    command.kill()
    command.communicate()
    assert not psutil.wait_procs([server], timeout=30)[1]


def test_ctrl_c_while_modules_are_imported_says_nothing_of_the_server(tmp_path: Path) -> None:
    command, server = start_importing(tmp_path)
    os.killpg(command.pid, signal.SIGINT)
    _, err = command.communicate(timeout=60)
    assert err.count("KeyboardInterrupt") == 1  # the command's own: here is no command line that answers it
    assert "noted.py" not in err
    assert not psutil.wait_procs([server], timeout=30)[1]
