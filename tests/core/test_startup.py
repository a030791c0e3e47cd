"""What is imported before there is work to do; modules are counted, not milliseconds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plugin_factory import run_python

SLOW = {
    *("astropy", "bilby", "gwosc", "gwpy", "h5py", "lal", "lalsimulation", "matplotlib", "numpy", "requests", "scipy"),
    *("arrakis", "pyarrow", "yaml"),
}

QUESTIONS = [
    ["--help"],
    ["--version"],
    ["plugins", "list"],
    ["plugins", "list", "--json", "--kind", "prior"],
    ["plugins", "info", "gwosc"],
    ["plugins", "info", "gaussian_masses"],
    ["query", "--help"],
    ["fetch", "--help"],
    ["fetch", "--source", "simulated", "--help"],
    ["waveforms", "--help"],
    ["validation-waveforms", "--help"],
    ["timeslide-waveforms", "--help"],
    ["psd", "--help"],
    ["merge", "--help"],
    ["inspect", "--help"],
    ["verify", "--help"],
    ["report", "--help"],
    ["export", "--help"],
    ["priors", "--help"],
    ["priors", "list"],
    ["priors", "show", "gaussian_masses", "--help"],
    ["priors", "reweight", "--help"],
    ["export", "--to", "lvk", "--help"],
]


def modules_after(code: str) -> set[str]:
    done = run_python(code)
    assert done.returncode == 0, done.stderr
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("MODULES"))
    return set(line.split()[1:])


@pytest.fixture(scope="module")
def modules_of() -> dict[str, tuple[int, set[str]]]:
    """The exit code of each question, and what is imported when it and those before it are answered."""
    done = run_python(f"""
    import json, sys
    from aframe_data.cli.app import run
    for question in {QUESTIONS!r}:
        code = run(question)
        print("\\nASKED", json.dumps([question, code, sorted(name for name in sys.modules if "." not in name)]))
    """)
    assert done.returncode == 0, done.stderr
    told = [json.loads(line.removeprefix("ASKED ")) for line in done.stdout.splitlines() if line.startswith("ASKED ")]
    return {" ".join(question): (code, set(modules)) for question, code, modules in told}


@pytest.mark.parametrize("question", map(" ".join, QUESTIONS))
def test_asking_what_there_is_imports_nothing_slow(modules_of: dict[str, tuple[int, set[str]]], question: str) -> None:
    code, modules = modules_of[question]
    assert code == 0
    assert not modules & SLOW


def test_the_root_help_does_not_look_for_plugins(modules_of: dict[str, tuple[int, set[str]]]) -> None:
    assert not modules_of["--help"][1] & {"pluggy", "importlib_metadata"}


def test_the_help_of_a_command_makes_no_types_and_no_messages_that_only_work_needs() -> None:
    loaded = modules_after(
        "import sys; from aframe_data.cli.app import run; run(['fetch', '--help']); print('\\nMODULES', *sys.modules)"
    )
    assert "aframe_data.requests.fetch" in loaded
    assert not loaded & {"aframe_data.types", "aframe_data.plugin.protocols", "logging", "pkgutil"}


def test_importing_the_package_imports_nothing_slow() -> None:
    loaded = modules_after("import sys, aframe_data; print('MODULES', *sys.modules)")
    assert not loaded & {*SLOW, "pluggy", "importlib_metadata", "rich", "rich_click", "click", "tenacity"}


def test_shell_completion_answers_and_imports_nothing_slow() -> None:
    code = """
    import os, sys
    os.environ["COMP_WORDS"], os.environ["COMP_CWORD"] = "aframe-data fetch --sam", "2"
    os.environ["_AFRAME_DATA_COMPLETE"] = "bash_complete"
    from aframe_data.cli.app import run
    try:
        run([])
    except SystemExit:
        pass
    print("\\nMODULES", *(name for name in sys.modules if "." not in name))
    """
    done = run_python(code)
    assert "plain,--sample-rate" in done.stdout
    assert not set(done.stdout.split("MODULES")[1].split()) & SLOW


@pytest.mark.slow
def test_collecting_the_tests_imports_nothing_slow_that_few_of_them_need() -> None:
    """Each worker collects all tests, but runs the folders of one end (tests/rooms.py)."""
    loaded = modules_after(f"""
    import sys
    import pytest

    class Told:
        def pytest_collection_finish(self):
            print("\\nMODULES", *(name for name in sys.modules if "." not in name))

    tests = {str(Path(__file__).resolve().parent.parent)!r}
    sys.exit(pytest.main(["--collect-only", "-qq", "-n0", "-p", "no:cacheprovider", tests], plugins=[Told()]))
    """)
    assert loaded >= {"numpy", "hypothesis", "test_startup"}  # they were collected
    assert not loaded & {"arrakis", "astropy", "bilby", "gwpy", "matplotlib", "pandas", "pyarrow"}
