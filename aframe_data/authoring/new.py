"""A new plugin from the template: the files in ``template/``, with the names of the author's.

Each kind has a record for the package's first module, a module of its own, and tests.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from aframe_data import __version__
from aframe_data.errors import OutputExistsError, UsageError
from aframe_data.registry.discovery import discover, normal_form
from aframe_data.registry.names import everything_registered

if TYPE_CHECKING:
    from collections.abc import Sequence

_TEMPLATE = Path(__file__).parent / "template"
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LINE = 120


@dataclass(frozen=True)
class _Kind:
    """What a kind of provider adds.

    Attributes
    ----------
    name
        Its short name, also of its folder in the template.
    record
        The class of its record.
    gives, change, usage
        Words about it.
    archive
        Whether it is an archive, with options of one.
    """

    name: str
    record: str
    gives: str
    change: str
    usage: str
    archive: bool = False


_KINDS = (
    _Kind(
        "prior",
        "PriorProvider",
        "a population",
        "the population: parameters, their frame, and how they are drawn",
        "aframe-data waveforms --prior $name --num-signals 10 --waveform-duration 4 --sample-rate 2048 -o signals.hdf5",
    ),
    _Kind(
        "segments",
        "SegmentSourceProvider",
        "segments of an archive",
        "the segments: where a flag is active",
        "aframe-data query --source $name --flags O1_SCIENCE --start 1000000000 --end 1000100000 -o segments.txt",
        archive=True,
    ),
    _Kind(
        "strain",
        "StrainFetcherProvider",
        "strain of an archive",
        "the strain of a channel and a span",
        "aframe-data fetch --source $name --channels O1,O2 --start 1000000000 --end 1000100000 --sample-rate 1024 "
        "-o background",
        archive=True,
    ),
    _Kind(
        "waveforms",
        "WaveformGeneratorProvider",
        "a waveform model",
        "the model: plus and cross of many signals",
        "aframe-data waveforms --generator $name --prior spin_bbh --num-signals 10 --waveform-duration 4 "
        "--sample-rate 2048 -o signals.hdf5",
    ),
)
#: By the names that a command line has for them.
KINDS = {kind.name: kind for kind in _KINDS}


def new_plugin(name: str, kinds: Sequence[str], folder: Path) -> tuple[Path, ...]:
    """Write a distribution that installs, and passes its own tests, ruff and mypy as it stands.

    Parameters
    ----------
    name
        Of the distribution and of its providers; with underscores it is that of the package.
    kinds
        Keys of `KINDS`.
    folder
        Where it goes; made here.

    Returns
    -------
    tuple of Path
        The files.

    Raises
    ------
    UsageError
        The name is no name or is taken, or no kind is given.
    OutputExistsError
        The folder is there.
    """
    package = name.replace("-", "_")
    _require_free(name, package)
    chosen = [kind for key, kind in KINDS.items() if key in kinds]
    if not chosen:
        raise UsageError(f"--kind is missing: say what the plugin provides, one or more of {', '.join(KINDS)}.")
    if folder.exists():
        raise OutputExistsError(f"{folder} already exists; choose another folder with --output.")
    names = {
        "name": name,
        "package": package,
        "variable": f"{package.upper()}_FOLDER",
        "version": __version__,
        "gives": _listed([kind.gives for kind in chosen]),
    }
    names["files"] = "\n".join(f"| `{package}/{kind.name}.py` | {kind.change} |" for kind in chosen)
    names["usage"] = "\n".join(Template(kind.usage).substitute(names) for kind in chosen)
    texts = {
        "pyproject.toml": _text("pyproject.toml", names),
        "README.md": _text("README.md", names),
        ".github/workflows/tests.yml": _text("ci.yml", names),
        f"{package}/__init__.py": _first_module(chosen, names),
        f"{package}/py.typed": "",
    }
    for kind in chosen:
        texts[f"{package}/{kind.name}.py"] = _text(f"{kind.name}/{kind.name}.py", names)
        texts[f"tests/test_{kind.name}.py"] = _text(f"{kind.name}/test.py", names)
    for file, text in texts.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tuple(folder / file for file in texts)


def _require_free(name: str, package: str) -> None:
    """Refuse what is no name, or somebody's."""
    if keyword.iskeyword(package):
        raise UsageError(f"{name!r} is a keyword of Python, and cannot be the name of a plugin.")
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is not a name for a plugin: use lower-case letters and digits, joined by '-'.")
    for entry in everything_registered():
        if name in (entry.key, entry.provider.name, *entry.provider.aliases):
            raise UsageError(f"{name!r} is the name of a {entry.provider.title} of {entry.plugin.distribution}.")
    for plugin in discover():
        if name in (plugin.name, normal_form(plugin.distribution)):
            raise UsageError(f"{name!r} is the name of a plugin of {plugin.distribution}.")
    if find_spec(package) is not None:
        raise UsageError(f"{name!r} is taken: a Python module {package!r} is already installed.")


def _first_module(kinds: Sequence[_Kind], names: dict[str, str]) -> str:
    """The package's ``__init__.py``: imports, and the records of all kinds."""
    archive = any(kind.archive for kind in kinds)
    options = archive or any(kind.name == "prior" for kind in kinds)
    standard = ["from collections.abc import Iterable"]
    standard += ["from dataclasses import dataclass"] if options else []
    standard += ["from pathlib import Path"] if archive else []
    imported = [*sorted(kind.record for kind in kinds), "hookimpl", *(["option"] if options else [])]
    line = f"from aframe_data.plugin import {', '.join(imported)}"
    if len(line) > _LINE:
        line = "from aframe_data.plugin import (\n" + "".join(f"    {item},\n" for item in imported) + ")"
    head = [f'"""What {names["name"]} gives to aframe-data: imported by every command, so it imports nothing heavy."""']
    head += ["", "from __future__ import annotations", "", *standard, "", line, "", "", ""]
    parts = [_text("archive_options.py", names)] if archive else []
    parts += [_text(f"{kind.name}/record.py", names) for kind in kinds]
    return "\n".join(head) + "\n\n".join(parts)


def _text(file: str, names: dict[str, str]) -> str:
    return Template((_TEMPLATE / f"{file}.txt").read_text(encoding="utf-8")).substitute(names)


def _listed(words: Sequence[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last
