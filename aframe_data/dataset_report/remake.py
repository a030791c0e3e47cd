"""The commands that make the data again: that of the build, or those that the provenance of the files gives."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aframe_data.dataset_report.listing import parent
from aframe_data.dataset_report.signals import role_of
from aframe_data.formats.record_parts import list_in, mapping_in, mappings_in
from aframe_data.outside import outside_text
from aframe_data.redaction import redacted
from aframe_data.reports.dataset import REJECTED, Remake, StageFacts
from aframe_data.requests import COMMANDS, request_of
from aframe_data.requests.declaration import fields_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from aframe_data.dataset_report.examination import Examination

#: Characters of a configuration, and bytes of the record of a build, that are read.
_LONGEST_CONFIGURATION, _LARGEST_RECORD = 100_000, 64 * 2**20
_NUMBERS = ("seconds", "cpu_seconds", "peak_memory", "bytes_per_second", "workers")


def read_build(path: Path) -> tuple[dict[str, Any], str]:
    """The record of a build, empty where there is none, and what is wrong with it."""
    try:
        if not path.is_file():
            return {}, ""
        if path.stat().st_size > _LARGEST_RECORD:
            return {}, f"it has more than {_LARGEST_RECORD} bytes"
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        return {}, outside_text(error)
    return (record, "") if isinstance(record, dict) else ({}, "it is not an object of names and values")


def stages_of(record: Mapping[str, Any]) -> tuple[StageFacts, ...]:
    """What each stage of a build cost, as far as its record says it plainly."""
    told = []
    for stage in mappings_in(record, "stages"):
        numbers = {name: _number(mapping_in(stage, "usage").get(name)) for name in _NUMBERS}
        name, command = (outside_text(stage.get(key) or "") for key in ("name", "command"))
        told.append(StageFacts(name=name, command=command, nbytes=_number(stage.get("nbytes")), **numbers))
    return tuple(told)


def _number(value: Any) -> float | None:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e300 else None


def remake_of(build: Mapping[str, Any], found: Sequence[Examination]) -> Remake:
    """How the data is made again."""
    words = list_in(build, "arguments")
    if words and all(isinstance(word, str) for word in words):
        configuration = str(build.get("configuration") or "")[:_LONGEST_CONFIGURATION]
        name = outside_text(build.get("configuration_name") or "")
        return Remake((_line(words),), redacted(configuration), name)
    made = [one for command in COMMANDS for one in found if one.record.get("command") == command]
    return Remake(tuple(dict.fromkeys(line for one in made for line in _commands(one, found))))


def _commands(one: Examination, found: Sequence[Examination]) -> Iterator[str]:
    """The command of a file that was made by itself; of a folder of background there is one for all."""
    record = one.record
    command, arguments = str(record["command"]), record.get("arguments")
    if not isinstance(arguments, Mapping):
        return
    if one.file.kind == "parameters" and role_of(one) == REJECTED and command == "timeslide-waveforms":
        return  # it is made with the injections
    words = [command]
    for field in fields_of(request_of(command)):
        if field.hidden or field.name not in arguments or arguments[field.name] in (None, field.default, []):
            continue
        value = arguments[field.name]
        if field.files and isinstance(value, list):
            value = [_here(item, found) for item in value]
        if not field.kw_only:
            words += _texts(value)
            continue
        flag = field.spellings[0]
        if isinstance(value, bool):
            words.append(f"--{flag}" if value else f"--{field.switch_off or f'no-{flag}'}".replace("_", "-"))
        elif isinstance(value, list) and field.repeated:
            words += [word for item in _texts(value) for word in (f"--{flag}", item)]
        else:
            words += [f"--{flag}", ",".join(_texts(value))]
    words += _of_providers(record)
    words += _inputs(one, found)
    words += _outputs(one, found)
    yield _line(words)


def _here(path: Any, found: Sequence[Examination]) -> Any:
    """A path, from the folder on where the file is in it."""
    return next((one.name for one in found if path == one.name or str(path).endswith(f"/{one.name}")), path)


def _texts(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [f"{name}={item}" for name, item in value.items()]
    items = value if isinstance(value, list) else [value]
    return [f"{item:.17g}" if isinstance(item, float) else str(item) for item in items]


def _of_providers(record: Mapping[str, Any]) -> Iterator[str]:
    """Options of the providers that were chosen, as they were resolved."""
    chosen = [mapping_in(record, kind) for kind in ("prior", "generator")]
    for provider in (*chosen, *mappings_in(record, "sources")):
        for name, value in mapping_in(provider, "options").items():
            if value in (None, [], {}) or "name" not in provider:
                continue
            flag = f"{provider['name']}-{name}".replace("_", "-")
            if isinstance(value, bool):
                yield f"--{'' if value else 'no-'}{flag}"
            else:
                yield f"--{flag}"
                yield ",".join(_texts(value))


def _inputs(one: Examination, found: Sequence[Examination]) -> list[str]:
    """What went in and is in the folder: background, segments. Other paths are no part of a record."""
    if one.record["command"] == "fetch":
        folder = parent(one.name)
        beside = [other.name for other in found if other.file.kind == "segments" and parent(other.name) == folder]
        arguments = one.record["arguments"]
        return ["--segments", beside[0]] if beside and arguments.get("start") is None else []
    names = {str(item.get("file")) for item in mappings_in(mapping_in(one.record, "noise"), "background")}
    there: dict[str, set[str]] = {}
    for other in found:
        if other.file.kind == "background":
            there.setdefault(parent(other.name), set()).add(other.name.rpartition("/")[2])
    holding = [folder for folder, files in there.items() if names and names <= files]
    return ["--background", holding[0] or "."] if holding else []


def _outputs(one: Examination, found: Sequence[Examination]) -> list[str]:
    if one.record["command"] == "fetch":
        return ["-o", parent(one.name) or "."]
    if one.record["command"] != "timeslide-waveforms":
        return ["-o", one.name]
    words = ["--waveforms-file", one.name]
    for other in found:
        if other.file.kind == "parameters" and parent(other.name) == parent(one.name):
            words += ["--rejected-file", other.name]
    return words


def _line(words: Sequence[str]) -> str:
    return redacted(shlex.join(["aframe-data", *(outside_text(word, 1000) for word in words)]))
