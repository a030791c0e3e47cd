"""Strangers that would take the command with them: each is told by name and version, and everything else works."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from aframe_data.errors import UsageError
from aframe_data.registry import loading, trial
from aframe_data.registry.discovery import Plugin, discover
from aframe_data.registry.names import find, registered
from plugin_factory import hook, install_plugin, run_cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command_line import Finished

    Cli = Callable[..., Finished]
    Install = Callable[..., Path]

SOUND = hook("priors", 'yield PriorProvider(name="mine", summary="Mine", load="loud_code:Mine")')
HOSTILE = {
    "ends the process": ("import os; os._exit(7)", "its import ended the process (exit code 7)"),
    "is killed": ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "its import ended the process (signal 9)"),
    "aborts": ("import os; os.abort()", "its import ended the process (signal 6)"),
    "interrupts": ("raise KeyboardInterrupt", "its import ended the process"),
    "closes stdout": ("import os; os.close(1)", "its import closes stdout"),
    "closes stderr": ("import os; os.close(2)", "its import closes stderr"),
    "fails": ("raise RuntimeError('no licence')", "RuntimeError: no licence"),
}


@pytest.fixture(autouse=True)
def _no_trial_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def plugin_of(distribution: str) -> Plugin:
    (found,) = (plugin for plugin in discover() if plugin.distribution == distribution)
    return found


def test_hostile_plugins_are_left_out_each_with_its_reason_and_the_others_work(strangers: Install) -> None:
    for number, (source, _) in enumerate(HOSTILE.values()):
        strangers(distribution=f"hostile-{number}", version="2.5", source=source + "\n" + SOUND)
    strangers(distribution="sound", source=SOUND)
    for number, (_, reason) in enumerate(HOSTILE.values()):
        found = plugin_of(f"hostile-{number}")
        assert (found.status, found.version) == ("failed", "2.5")
        assert reason in found.reason
    assert find("prior", "mine").plugin.distribution == "sound"
    assert "gwosc" in {entry.key for entry in registered("strain")}


def test_an_import_that_does_not_end_is_left_out_after_a_while(
    strangers: Install, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(trial, "SECONDS", 2.0)
    strangers(distribution="endless", source="import time\ntime.sleep(1000)\n" + SOUND)
    strangers(distribution="sound", source=SOUND)
    assert plugin_of("endless").reason == "its import did not end within 2 s"
    assert plugin_of("sound").status == "ok"
    assert "plugin endless:endless is left out: its import did not end within 2 s" in caplog.text


def test_a_class_that_takes_long_to_import_is_named_meanwhile(
    strangers: Install, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(loading, "_PATIENCE", 0.05)
    strangers(source={"stranger": SOUND, "loud_code": "import time\ntime.sleep(0.5)\nclass Mine: ..."})
    loading.load_class(find("prior", "mine"))
    assert "still importing loud_code:Mine, the prior 'mine' of stranger" in caplog.text


def test_nothing_that_a_trial_started_goes_on(strangers: Install, tmp_path: Path) -> None:
    strangers(
        source="import os, subprocess\n"
        f"child = subprocess.Popen(['sleep', '1000'])\nopen({str(tmp_path / 'pid')!r}, 'w').write(str(child.pid))\n"
        "os._exit(3)\n"
    )
    assert plugin_of("stranger").status == "failed"
    pid = int((tmp_path / "pid").read_text())
    state = f"/proc/{pid}/stat"
    # killed, though perhaps nobody has asked for its exit code yet
    assert not os.path.exists(state) or open(state).read().split()[2] == "Z"  # noqa: PTH110, PTH123, SIM115


def test_a_trial_is_made_once_until_something_is_installed(strangers: Install, tmp_path: Path) -> None:
    def tried() -> int:
        return len((tmp_path / "log").read_text().splitlines())

    mark = f"import os\nif os.getsid(0) == os.getpid(): open({str(tmp_path / 'log')!r}, 'a').write('tried\\n')\n"
    strangers(distribution="counted", source=mark + SOUND)
    assert plugin_of("counted").status == "ok"
    assert tried() == 1
    discover.cache_clear()
    assert plugin_of("counted").status == "ok"
    assert tried() == 1
    strangers(distribution="another", source=SOUND.replace('"mine"', '"other"'))
    assert plugin_of("counted").status == "ok"
    assert tried() == 2


def test_a_plugin_that_was_edited_is_tried_again(strangers: Install) -> None:
    folder = strangers(source=SOUND)
    assert plugin_of("stranger").status == "ok"
    (folder / "stranger.py").write_text("import os; os._exit(1)\n")
    discover.cache_clear()
    registered.cache_clear()
    assert plugin_of("stranger").status == "failed"


def test_a_failure_is_not_believed_for_ever(strangers: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    strangers(source="import os\nif 'LICENCE' not in os.environ: raise OSError('no licence')\n" + SOUND)
    assert plugin_of("stranger").status == "failed"
    monkeypatch.setenv("LICENCE", "yes")
    discover.cache_clear()
    assert plugin_of("stranger").status == "failed"
    monkeypatch.setattr(trial, "_BELIEVED", 0.0)
    discover.cache_clear()
    assert plugin_of("stranger").status == "ok"


def test_without_a_place_to_remember_trials_are_made_all_the_same(
    strangers: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/nowhere")
    strangers(distribution="exits", source="import os; os._exit(1)")
    strangers(distribution="sound", source=SOUND)
    assert plugin_of("exits").status == "failed"
    assert plugin_of("sound").status == "ok"


def test_an_unknown_name_tells_of_plugins_that_failed(strangers: Install) -> None:
    strangers(distribution="broken", source="raise RuntimeError('no licence')\n" + SOUND)
    with pytest.raises(UsageError, match=r"unknown prior 'mine'.*cannot be used: broken of broken \(failed: Runtime"):
        find("prior", "mine")


LOUD = """
import os, sys
import numpy as np
from aframe_data.plugin.binary import BASE_PARAMETERS

class Mine:
    parameters, frame = BASE_PARAMETERS, "detector"

    def sample(self, n, rng):
        print("PRINTED")
        print("PRINTED", file=sys.__stdout__)
        os.write(1, b"WRITTEN\\n")
        os.system("echo CALLED")
        zero = np.zeros(n)
        return {**dict.fromkeys(self.parameters, zero), "mass_1": zero + 36, "mass_2": zero + 29,
                "redshift": rng.uniform(0.1, 0.2, n), "theta_jn": rng.uniform(0, 1, n)}
"""


@pytest.mark.parametrize("workers", ["0", "1"])
@pytest.mark.slow
def test_what_a_plugin_prints_is_never_among_the_results(tmp_path: Path, workers: str) -> None:
    install_plugin(tmp_path, source={"stranger": "import os; os.write(1, b'HELLO')\n" + SOUND, "loud_code": LOUD})
    grid = ("--num-signals", "2", "--waveform-duration", "2", "--right-pad", "0.5", "--sample-rate", "1024")
    done = run_cli(
        *("waveforms", "--prior", "mine", *grid, "--workers", workers, "-o", str(tmp_path / "out.hdf5"), "--json"),
        folders=(tmp_path,),
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)  # nothing else stands there
    for word in ("HELLO", "PRINTED", "WRITTEN", "CALLED"):
        assert word in done.stderr


@pytest.mark.parametrize("workers", ["0", "1"])
def test_an_error_that_no_plugin_should_raise_names_the_plugin(
    strangers: Install, cli: Cli, tmp_path: Path, workers: str
) -> None:
    code = LOUD.replace('print("PRINTED")', "{}[n]")
    strangers(version="2.5", source={"stranger": SOUND, "loud_code": code})
    grid = ("--num-signals", "2", "--waveform-duration", "4", "--right-pad", "1", "--sample-rate", "1024")
    done = cli("waveforms", "--prior", "mine", *grid, "--workers", workers, "-o", tmp_path / "out.hdf5")
    assert done.code == 1
    (line,) = [line for line in done.err.splitlines() if "error" in line]
    assert "prior 'mine' of stranger 2.5 failed: KeyError: 64. This is a bug of the plugin." in line


def test_a_constructor_that_fails_names_the_plugin(strangers: Install, cli: Cli, tmp_path: Path) -> None:
    source = hook("segment_sources", 'yield SegmentSourceProvider(name="mine", summary="Mine", load="loud_code:Mine")')
    code = "class Mine:\n    def __init__(self): raise KeyError('x')\n    def query(self, query): pass\n"
    strangers(version="2.5", source={"stranger": source, "loud_code": code})
    span = ("--start", "1240579783", "--end", "1240579883")
    done = cli("query", "--flags", "H1_DATA", *span, "--source", "mine", "-o", tmp_path / "segments.txt")
    assert done.code == 1
    assert "segment source 'mine' of stranger 2.5 failed: KeyError: 'x'. This is a bug of the plugin." in done.err


@pytest.mark.slow
def test_the_command_tells_each_hostile_plugin_with_its_version(tmp_path: Path) -> None:
    for number, (source, _) in enumerate(HOSTILE.values()):
        install_plugin(tmp_path, distribution=f"hostile-{number}", version="2.5", source=source + "\n" + SOUND)
    done = run_cli("plugins", "list", folders=(tmp_path,), XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert done.returncode == 0
    for number, (_, reason) in enumerate(HOSTILE.values()):
        (row,) = (line for line in done.stdout.splitlines() if line.startswith(f"plugin\thostile-{number}\t"))
        assert row.split("\t")[2].startswith(f"failed: {reason}")
        assert row.endswith(f" (hostile-{number} 2.5)")
        assert f"hostile-{number} (hostile-{number}): " not in done.stdout
    checked = run_cli("plugins", "check", "hostile-0", "--json", folders=(tmp_path,))
    (row,) = json.loads(checked.stdout)
    assert checked.returncode == 1
    assert row["faults"] == [HOSTILE["ends the process"][1]]
