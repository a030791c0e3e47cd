"""apptainer.def: what can be known of it without building the image."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from definition import ROOT, read_definition

if TYPE_CHECKING:
    from pathlib import Path

definition = read_definition()

#: What the repository has and the image does without.
LEFT_OUT = {".gitignore"}


def test_the_base_is_a_micromamba_of_one_version() -> None:
    assert definition.header["Bootstrap"] == "docker"
    assert re.fullmatch(r"mambaorg/micromamba:\d+\.\d+\.\d+-debian\d+-slim", definition.header["From"])
    assert set(definition.header) == {"Bootstrap", "From"}


def test_the_sections_are_these() -> None:
    assert set(definition.sections) == {"help", "files", "post", "environment", "runscript", "test", "labels"}
    assert all(text.strip() for text in definition.sections.values())


@pytest.mark.parametrize("source", definition.files)
def test_each_file_exists_and_keeps_its_place(source: str) -> None:
    assert (ROOT / source).exists()
    assert definition.files[source] == f"/opt/aframe/{source}"


def test_all_that_the_repository_has_is_in_the_image() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git repository")
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    tops = {name.split("/")[0] for name in listing.stdout.split("\0") if name}
    assert tops - LEFT_OUT == set(definition.files), "%files of apptainer.def, or LEFT_OUT here, has to name it"


@pytest.mark.parametrize("section", ["post", "environment", "runscript", "test"])
def test_scripts_are_of_plain_sh(section: str) -> None:
    subprocess.run(["sh", "-n"], input=definition.sections[section], text=True, check=True)


def test_the_first_thing_that_post_does_is_to_end_at_any_error() -> None:
    assert definition.sections["post"].split("\n")[0].strip() == "set -eu"
    assert "||" not in definition.sections["post"]


def test_post_installs_from_the_locks_and_from_nothing_else() -> None:
    post = definition.sections["post"]
    assert re.findall(r"micromamba create (.*)", post) == ["--yes --prefix /opt/env --file /opt/aframe/conda-lock.yml"]
    installs = re.findall(r"pip install (.*)", post)
    assert installs == [
        "--no-deps --no-build-isolation --require-hashes -r requirements.lock",
        "--no-deps --no-build-isolation --no-index .",
    ]


@pytest.mark.parametrize(
    ("arguments", "run"),
    [
        ([], "aframe-data:"),
        (["--help"], "aframe-data:--help"),
        (["query", "--flags", '["H1_DATA", "L1_DATA"]'], 'aframe-data:query|--flags|["H1_DATA", "L1_DATA"]'),
        (["aframe-data", "query", "a b"], "aframe-data:query|a b"),
        (["python", "-m", "aframe_data"], "python:-m|aframe_data"),
        (["sh", "-c", "echo shell:$1", "sh", "x"], "shell:x"),
    ],
)
def test_the_image_runs_programs_and_takes_all_else_for_aframe_data(
    arguments: list[str], run: str, tmp_path: Path
) -> None:
    for name in ("aframe-data", "python"):
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\nIFS="|"; echo "{name}:$*"\n')
        program.chmod(0o755)
    script = tmp_path / "runscript"
    script.write_text(definition.sections["runscript"])
    done = subprocess.run(
        ["sh", str(script), *arguments],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == run
