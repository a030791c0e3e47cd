"""A variant of the image is really built and run.

Its base is a Debian root made here, its Python Debian's, and a stand-in for micromamba makes an environment with what
pip has of conda's packages: the others are tried by whoever builds the image from conda-forge. All else is as it
stands: %files, %post with the whole pip lock, %environment, %runscript, %test.
"""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from definition import ROOT, read_definition
from locks import canonical, lock_tool, pinned
from trixie import BROUGHT, Trixie, folder_in_memory, make_trixie

from aframe_data.requests import COMMAND_ALIASES, COMMANDS

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.slow

IMAGE = "/tmp/image"  # noqa: S108 - in the root that is made here
#: In the place of a home folder, one that not even root can make.
NO_HOME = "HOME=/proc/nobody"


@pytest.fixture(scope="module")
def trixie(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trixie]:
    with folder_in_memory(tmp_path_factory.mktemp("trixie")) as folder:
        yield make_trixie(folder)


@pytest.fixture(scope="module")
def built(trixie: Trixie, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Build the image and give what was said meanwhile."""
    done = build(trixie, copy_of_repository(tmp_path_factory.mktemp("repository")))
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-4000:]
    return said


@pytest.fixture
def run(trixie: Trixie, built: str, tmp_path: Path) -> Run:
    """Apptainer, in the root where the image was built."""
    assert built

    def apptainer(*arguments: str) -> subprocess.CompletedProcess[str]:
        return trixie.run("apptainer", "--silent", *arguments, repository=tmp_path)

    return apptainer


def copy_of_repository(folder: Path) -> Path:
    """Copy what goes into the image, with another base."""
    for name in read_definition().files:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(ROOT / name, folder / name)
    text = (folder / "apptainer.def").read_text()
    (folder / "apptainer.def").write_text(re.sub(r".*\n.*\n", "Bootstrap: localimage\nFrom: /base\n", text, count=1))
    return folder


def build(trixie: Trixie, repository: Path, image: str = IMAGE) -> subprocess.CompletedProcess[str]:
    # As a folder: to compress the image takes minutes, and none of them is ours.
    return trixie.run("apptainer", "build", "--notest", "--sandbox", image, "apptainer.def", repository=repository)


@pytest.mark.parametrize(
    "arguments",
    [["aframe-data", "--version"], ["--version"], ["python", "-m", "aframe_data", "--version"]],
)
def test_a_command_its_arguments_alone_and_python_run(run: Run, arguments: list[str]) -> None:
    done = run("run", IMAGE, *arguments)
    assert done.stdout.startswith("aframe-data, version"), done.stderr
    assert done.returncode == 0


def test_a_typing_error_is_told_in_one_line_and_with_its_exit_code(run: Run) -> None:
    done = run("run", IMAGE, "qeury")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "Did you mean 'query'?" in done.stderr


def test_no_program_of_the_image_has_the_name_of_a_command(run: Run) -> None:
    names = sorted({spelt for name in (*COMMANDS, *COMMAND_ALIASES) for spelt in (name, name.replace("-", "_"))})
    program = f"import shutil; print([name for name in {['python', *names]} if shutil.which(name)])"
    assert run("exec", IMAGE, "python", "-c", program).stdout.strip() == "['python']"


def test_exec_finds_the_command_too(run: Run) -> None:
    done = run("exec", IMAGE, "aframe-data", "plugins", "list")
    assert "simulated" in done.stdout, done.stderr


@pytest.mark.parametrize("scheduler", ["slurm", "htcondor"])
def test_exec_finds_snakemake_as_it_is_locked_and_its_executors_without_a_home_folder(run: Run, scheduler: str) -> None:
    version = run("exec", IMAGE, "env", NO_HOME, "python", "-m", "snakemake", "--version")
    assert version.stdout.strip() == pinned()["snakemake"][0], version.stderr
    told = run("exec", IMAGE, "env", NO_HOME, "python", "-m", "snakemake", "--help")
    assert f"--{scheduler}-" in told.stdout, told.stderr


def test_the_workflow_runs_as_in_a_job_without_a_shared_file_system_or_a_home_folder(run: Run, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(
        "{source: simulated, prior: nonspin_bbh, num_training_signals: 2, num_train_waveform_jobs: 1}"
    )
    made = "waveforms/train/training_waveforms.hdf5"
    snakemake = f'{NO_HOME} exec python -m snakemake --snakefile "$(aframe-data snakefile)" "$@"'
    done = run(
        *("exec", "--no-home", "--bind", "/repository", "--pwd", "/repository", IMAGE, "sh", "-c", snakemake, "sh"),
        *("--configfile", "config.yaml", "--cores", "1", "--shared-fs-usage", "none", "--", made),
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / made).stat().st_size


def test_what_is_bound_over_the_sources_leaves_the_commands_as_they_are(run: Run, tmp_path: Path) -> None:
    (tmp_path / "theirs").touch()
    done = run("exec", "--bind", "/repository:/opt/aframe", IMAGE, "ls", "/opt/aframe")
    assert done.stdout == "theirs\n"
    for script in ("aframe-data", "generate-segments", "fetch-data", "generate-training-waveforms"):
        done = run("exec", "--bind", "/repository:/opt/aframe", IMAGE, script, "--help")
        assert done.returncode == 0, done.stderr


def test_packages_of_a_home_folder_stay_out(run: Run) -> None:
    done = run("exec", IMAGE, "python", "-c", "import site; print(site.ENABLE_USER_SITE)")
    assert done.stdout.strip() == "False"


def test_help_says_how_it_is_run(run: Run) -> None:
    assert "apptainer run data.sif" in run("run-help", IMAGE).stdout


def test_what_is_installed_is_what_is_locked(run: Run) -> None:
    frozen = run("exec", IMAGE, "python", "-m", "pip", "list", "--format", "freeze").stdout.split()
    installed = {canonical(name): version for name, version in (line.split("==") for line in frozen)}
    assert installed.pop("aframe-data") == run("run", IMAGE, "--version").stdout.split()[-1]
    installed.pop("pip")  # Debian's, here
    of_conda = lock_tool().conda_versions()
    of_pip = {name: version for name, (version, _) in pinned().items()}
    assert installed == {name: of_conda[name] for name in BROUGHT} | of_pip


def test_pip_leaves_what_conda_brought(built: str) -> None:
    assert re.search(r"already satisfied: numpy==.*\(from -r requirements.lock", built)


def test_the_images_own_test_runs_pytest_with_its_options(run: Run) -> None:
    done = run("test", IMAGE, "-n", "0", "tests/core/test_seeds.py", "tests/container/test_locks.py")
    assert done.returncode == 0, done.stdout[-4000:]
    assert "rootdir: /opt/aframe\n" in done.stdout
    assert re.search(r"\d+ passed", done.stdout)


def test_a_package_that_is_not_what_was_locked_ends_the_build(trixie: Trixie, tmp_path: Path) -> None:
    repository = copy_of_repository(tmp_path)
    lock = repository / "requirements.lock"
    lock.write_text(re.sub(r"sha256:[0-9a-f]{8}", "sha256:00000000", lock.read_text()))
    built = build(trixie, repository, image="/tmp/other")  # noqa: S108
    assert built.returncode != 0
    assert "DO NOT MATCH THE HASHES" in built.stdout + built.stderr
    assert not (trixie.root / "tmp/other").exists()


def test_a_failure_of_micromamba_ends_the_build(trixie: Trixie, tmp_path: Path) -> None:
    repository = copy_of_repository(tmp_path)
    (repository / "conda-lock.yml").write_text("no lock\n")
    built = build(trixie, repository, image="/tmp/other")  # noqa: S108
    assert built.returncode != 0
    assert "pip install" not in built.stdout + built.stderr
    assert not (trixie.root / "tmp/other").exists()
