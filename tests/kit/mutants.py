"""Mutants: a copy of the sound plugin for each fault, installed, checked and tested as its author would do it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fault import Fault

SOUND = Path(__file__).parent / "sound"
METADATA = "Metadata-Version: 2.1\nName: sound\nVersion: 1.0\n"
#: Begins the names of the author's tests, which are none of ours.
_TESTS = "tests_of_"
_TOLD_BY_CHECK = "plugins check"


def install(folder: Path, number: int, fault: Fault | None) -> str:
    """Install the sound plugin under a name of its own, with a fault or without; returns the name."""
    name = f"mutant{number:03d}"
    texts = {path.name: path.read_text(encoding="utf-8") for path in SOUND.glob("*.py")} | {"METADATA": METADATA}
    if fault is not None:
        text = texts[fault.file]
        if text.count(fault.old) != 1:
            raise ValueError(f"{fault.name}: {fault.file} has the text {text.count(fault.old)} times")
        texts[fault.file] = text.replace(fault.old, fault.new)
    # as a word: an environment variable of theirs all keeps its name
    texts = {file: re.sub(r"\bsound\b", name, text) for file, text in texts.items()}
    (folder / name).mkdir()
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(texts.pop("METADATA"), encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[aframe_data]\n{name} = {name}\n", encoding="utf-8")
    for file, text in texts.items():
        kind = file.removeprefix(_TESTS).removesuffix(".py")
        if not file.startswith(_TESTS):
            (folder / name / file).write_text(text, encoding="utf-8")
        elif fault is None or kind == fault.kind:
            (folder / f"test_{kind}_{name}.py").write_text(text, encoding="utf-8")
    return name


def seen(folder: Path, faults: Iterable[Fault | None]) -> Mapping[Fault | None, list[str]]:
    """Install all mutants into one empty folder, run `plugins check` and the kit's tests; what failed of each."""
    names = {install(folder, number, fault): fault for number, fault in enumerate(faults)}
    failed: dict[Fault | None, list[str]] = {fault: [] for fault in names.values()}
    for row in _checked(folder):
        if (name := row["distribution"]) in names and row["result"] != "ok":
            failed[names[name]].append(f"{_TOLD_BY_CHECK}: {row['result']}")
            for tests in folder.glob(f"test_*_{name}.py"):  # it is seen without them
                tests.unlink()
    for case in _tested(folder):
        (name,) = re.findall(r"mutant\d+", f"{case.get('classname')} {case.get('name')}")[:1]
        if case.find("failure") is not None or case.find("error") is not None:
            failed[names[name]].append(str(case.get("name")))
    return failed


def _checked(folder: Path) -> list[dict[str, str]]:
    done = _run(folder, "aframe_data", "plugins", "check", "--json")
    rows: list[dict[str, str]] = json.loads(done.stdout)
    return rows


def _tested(folder: Path) -> list[ET.Element]:
    shutil.copyfile(Path(__file__).parent / "until_one_fails.py", folder / "conftest.py")
    results = folder / "results.xml"
    done = _run(
        folder, "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", f"--junitxml={results}", "--rootdir=.", "."
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stdout[-3000:] + done.stderr[-3000:])
    return [*ET.parse(results).getroot().iter("testcase")]  # noqa: S314 - pytest wrote it


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "SOUND_FOLDER": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
    )
