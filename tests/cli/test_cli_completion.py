"""Completion: what a shell is answered in this process, and three real shells."""

from __future__ import annotations

import json
import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aframe_data.cli import offers

if TYPE_CHECKING:
    from collections.abc import Callable

#: It lists names, needs no argument and imports nothing slow.
LISTING = "aframe_data.requests.functions:function_names"
#: Seconds for a process to start on a busy machine.
PATIENCE = 60


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "aframe-data" / "names"


@pytest.fixture
def keep(cache: Path) -> Callable[[str, list[str]], None]:
    """Put names into the cache."""

    def put(target: str, names: list[str]) -> None:
        cache.mkdir(parents=True, exist_ok=True)
        offers._kept(target).write_text("\n".join(names))

    return put


@pytest.fixture
def answers(cli: Callable[..., object], monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """What a shell is told of a line, whose words stand as that shell takes them apart."""

    def ask(*words: str, shell: str = "bash") -> list[str]:
        monkeypatch.setenv("_AFRAME_DATA_COMPLETE", f"{shell}_complete")
        monkeypatch.setenv("COMP_WORDS", "\n".join(["aframe-data", *words]))
        monkeypatch.setenv("COMP_CWORD", words[-1] if shell == "fish" else str(len(words)))
        done = cli()
        assert done.err == ""
        return done.out.splitlines()

    return ask


# --- answers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["ver"], ["plain,verify"]),
        (["plugins", "che"], ["plain,check"]),
        (["plugins", "info", "gwo"], ["plain,gwosc"]),
        (["completion", "z"], ["plain,zsh"]),
        (["query", "--fl"], ["plain,--flags"]),
        (["fetch", "--gaps", "s"], ["plain,split"]),
        (["fetch", "--source", "sim"], ["plain,simulated"]),
        (["fetch", "--source", "gwosc,nd"], ["plain,gwosc,nds2"]),
        (["fetch", "--source", "simulated", "--simulated-s"], ["plain,--simulated-seed"]),
        (["fetch", "--exclude_hardware_injections", "--spl"], ["plain,--split"]),
        (["waveforms", "--prior", "gauss"], ["file,gauss", "plain,gaussian_masses"]),
        (["waveforms", "--prior", "gaussian_masses", "--gaussian-masses-s"], ["plain,--gaussian-masses-sigma"]),
        (["waveforms", "--prior", "nonspin_bbh", "--cosmology", "Planck13"], ["plain,Planck13"]),
        (["inspect", "back"], ["file,back"]),
        (["merge", "--remove-inputs", "a"], ["file,a"]),
        (["merge", "-o", "a"], ["file,a"]),
    ],
    ids=" ".join,
)
def test_a_word_is_completed(answers: Callable[..., list[str]], words: list[str], answer: list[str]) -> None:
    assert answers(*words) == answer


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["waveforms", "--prior", "=", "gauss"], ["file,gauss", "plain,gaussian_masses"]),
        (["fetch", "--channels", "H1", ":", "GDS-CALIB_STRAIN", "--source", "sim"], ["plain,simulated"]),
        (["validation-waveforms", "--psd", "H1", "=", "ali"], ["file,ali", "plain,aligo"]),
        (["validation-waveforms", "--psd", "=", "H1", "=", "ali"], ["file,ali", "plain,aligo"]),
    ],
    ids=" ".join,
)
def test_bash_is_answered_what_stands_behind_the_sign_at_which_it_breaks_words(
    answers: Callable[..., list[str]],
    keep: Callable[[str, list[str]], None],
    words: list[str],
    answer: list[str],
) -> None:
    keep("aframe_data.psd.curves:curve_names", ["aligo", "virgo"])
    assert answers(*words) == answer


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_are_answered_whole_words(answers: Callable[..., list[str]], shell: str) -> None:
    assert any("--source=simulated" in line for line in answers("fetch", "--source=sim", shell=shell))


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense", "x"],
        ["fetch", "--source", "nonsense", "--simulated-s"],
        ["fetch", "--config", "none.toml", "--simulated-s"],
        ["fetch", "--nonsense", "x", "--simulated-s"],
        ["fetch", "--channels", '["H1', "--simulated-s"],
    ],
    ids=" ".join,
)
def test_a_line_that_is_wrong_or_not_finished_is_no_error(answers: Callable[..., list[str]], words: list[str]) -> None:
    assert answers(*words) == []


def test_what_is_chosen_in_a_configuration_has_its_options(answers: Callable[..., list[str]], tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text("source = 'simulated'")
    assert answers("fetch", "--config", str(tmp_path / "c.toml"), "--simulated-s") == ["plain,--simulated-seed"]


# --- names that only a slow import knows ----------------------------------------------------------------


def test_names_come_from_the_cache_and_until_they_are_there_none_is_offered(
    answers: Callable[..., list[str]], keep: Callable[[str, list[str]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(offers.subprocess, "Popen", lambda command, **_: started.append(command))
    names = "aframe_data_plugins.lalsimulation.approximants:names"
    assert answers("waveforms", "--approximant", "IMRPhenomX") == []
    assert answers("waveforms", "--approximant", "SEOB") == []
    (command,) = started  # once, while it is at work
    assert command == [sys.executable, "-m", "aframe_data.cli.offers", names, offers._kept(names)]
    keep(names, ["IMRPhenomXAS", "IMRPhenomXPHM", "TaylorF2"])
    assert answers("waveforms", "--approximant", "Tay") == ["plain,TaylorF2"]
    assert len(started) == 1


def test_the_missing_list_is_made_in_the_background(cache: Path) -> None:
    assert offers.kept_names(LISTING) == []
    end = time.monotonic() + PATIENCE
    while not list(cache.glob("*.txt")):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert {"query", "fetch", "verify"} <= set(offers.kept_names(LISTING))
    assert [path.suffix for path in cache.iterdir()] == [".txt"]


def test_what_is_installed_says_whether_a_list_is_still_right(
    cache: Path, keep: Callable[[str, list[str]], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    keep(LISTING, ["old"])
    assert offers.kept_names(LISTING) == ["old"]
    (tmp_path / "site" / "lalsuite-99.0.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.setattr(offers.subprocess, "Popen", lambda *_, **__: None)
    assert offers.kept_names(LISTING) == []
    offers._make(LISTING, offers._kept(LISTING))
    assert "query" in offers.kept_names(LISTING)
    assert len(list(cache.iterdir())) == 1, "the old list is gone"


def test_a_function_that_fails_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = "aframe_data.none:names"
    monkeypatch.setattr(offers.subprocess, "Popen", lambda command, **_: offers._make(*command[3:]))
    assert offers.kept_names(nowhere) == []
    monkeypatch.setattr(offers.subprocess, "Popen", lambda *_, **__: pytest.fail("asked again"))
    assert offers.kept_names(nowhere) == []


def test_without_a_place_for_the_cache_nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/nowhere")
    monkeypatch.setattr(offers.subprocess, "Popen", lambda *_, **__: pytest.fail("started"))
    assert offers.kept_names(LISTING) == []


# --- real shells ----------------------------------------------------------------------------------------

#: How each is started without anybody's settings, and given the script.
SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "source <(aframe-data completion bash)"),
    "zsh": (["zsh", "-f", "-i"], "autoload -Uz compinit; compinit -u; source <(aframe-data completion zsh)"),
    "fish": (["fish", "--no-config", "-i"], "aframe-data completion fish | source"),
}
LINES = {
    "aframe-data veri": "aframe-data verify",
    "aframe-data waveforms --prior gauss": "aframe-data waveforms --prior gaussian_masses",
    "aframe-data waveforms --prior=gauss": "aframe-data waveforms --prior=gaussian_masses",
    "aframe-data waveforms --approximant Tay": "aframe-data waveforms --approximant TaylorF2",
    "aframe-data fetch --source gwosc,nd": "aframe-data fetch --source gwosc,nds2",
    "aframe-data fetch --channels H1:GDS,L1:GDS --exclude-h": "--exclude-hardware-injections",
    "aframe-data validation-waveforms --psd H1=ali": "aframe-data validation-waveforms --psd H1=aligo",
    "aframe-data merge --remove-inputs pie": "aframe-data merge --remove-inputs piece.hdf5",
}


class Terminal:
    """A program in a terminal of its own."""

    def __init__(self, command: list[str], folder: Path, **environment: str) -> None:
        self.pid, self.file = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, {**os.environ, **environment})  # noqa: S606 - there is no shell here

    def type(self, text: str, until: str) -> None:
        """Type, and wait for what it prints."""
        os.write(self.file, text.encode())
        printed, end = "", time.monotonic() + PATIENCE
        while until not in printed:
            assert time.monotonic() < end, f"{until!r} is not in {printed!r}"
            if select.select([self.file], [], [], 0.1)[0]:
                printed += os.read(self.file, 65536).decode(errors="replace")

    def close(self) -> None:
        os.kill(self.pid, 9)
        os.close(self.file)
        os.waitpid(self.pid, 0)


@pytest.mark.slow
@pytest.mark.parametrize("shell", SHELLS)
def test_a_real_shell_completes_lines(shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed: apt-get install {shell}")
    # The program that a shell starts finds other distributions than the tests do.
    targets = {
        "aframe_data_plugins.lalsimulation.approximants:names": "IMRPhenomXPHM\nTaylorF2",
        "aframe_data.psd.curves:curve_names": "aligo\nvirgo",
    }
    code = "import sys; from aframe_data.cli import offers; print(*map(offers._kept, sys.argv[1:]))"
    command = [sys.executable, "-c", code, *targets]
    found = subprocess.run(command, cwd=tmp_path, check=True, text=True, stdout=subprocess.PIPE).stdout.split()
    for path, names in zip(found, targets.values(), strict=True):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(names)
    (tmp_path / "piece.hdf5").touch()
    start, script = SHELLS[shell]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    terminal = Terminal(start, tmp_path, PATH=path, HOME=str(tmp_path), TERM="xterm", COLUMNS="200")
    try:
        terminal.type(f"{script}; echo rea''dy\r", until="ready")
        for line, whole in LINES.items():
            # The line is completed, and then printed.
            terminal.type(f"{line}\t\x01echo is: \r", until=f"is: {whole}" if " " in whole else whole)
    finally:
        terminal.close()


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_of_a_shell_is_printed(cli: Callable[..., object], shell: str) -> None:
    done = cli("completion", shell)
    assert (done.code, done.err) == (0, "")
    assert f"_AFRAME_DATA_COMPLETE={shell}_complete" in done.out
    told = json.loads(cli("completion", shell, "--json").out)
    assert told == {"shell": shell, "script": done.out.removesuffix("\n")}
    if shutil.which(shell):
        assert subprocess.run([shell, "-n"], input=done.out, text=True, check=False).returncode == 0


def test_the_script_is_printed_as_other_programs_of_click_print_theirs(
    cli: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = cli("completion", "fish").out
    monkeypatch.setenv("_AFRAME_DATA_COMPLETE", "fish_source")
    done = cli()
    assert (done.code, done.out, done.err) == (0, printed, "")
    for unknown in ("csh_source", "csh_complete", "bash_complete"):  # the last one without a line
        monkeypatch.setenv("_AFRAME_DATA_COMPLETE", unknown)
        done = cli()
        assert (done.code, done.out, done.err) == (1, "", "")


def test_an_unknown_shell_is_refused(cli: Callable[..., object]) -> None:
    done = cli("completion", "csh")
    assert done.code == 2
    assert "'bash', 'zsh', 'fish'" in done.err
