"""The units of a build: pieces of its stages that machines can make side by side, sharing only the folder of outputs.

A stage is one unit, but for background, of which each file is one, and for signals that are made in parts: each part is
one, and joining their files is another. A unit's name and the configuration say all that is to be known of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from aframe_data.errors import UsageError, did_you_mean
from aframe_data.formats.background_names import file_name
from aframe_data.places import place
from aframe_data.requests.campaign import TimeslideWaveforms
from aframe_data.requests.fetch import Fetch
from aframe_data.requests.merge import Merge
from aframe_data.requests.validation import ValidationWaveforms
from aframe_data.requests.waveforms import TrainingWaveforms
from aframe_data.work.part import Part

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from aframe_data.build.stages import Stage
    from aframe_data.requests.request import Request
    from aframe_data.strain.fetch import FetchPlan
    from aframe_data.types import Segment

#: What stands in the name of a unit behind that of its stage.
_PART = re.compile(r"part-(\d{1,4})-of-(\d{1,4})")
_JOINS = ("join", "join-rejected")
_JOIN = re.compile(rf"({'|'.join(_JOINS)})-(\d{{1,4}})")
#: Requests that can be met in parts, and the fields that say where to.
_OUTPUTS = {
    TrainingWaveforms: ("output_file",),
    ValidationWaveforms: ("output_file",),
    TimeslideWaveforms: ("waveforms_file", "rejected_file"),
}


@dataclass(frozen=True)
class Unit:
    """One unit.

    Attributes
    ----------
    stage
        As if it were a stage of its own, by the unit's name.
    inputs, outputs
        Files of other units that it reads, and those that it makes, without branches.
    amount
        How much of its stage's work it does beside the other units; 0 where it joins what they made.
    """

    stage: Stage
    inputs: tuple[Path, ...]
    outputs: tuple[Path, ...]
    amount: float = 1.0

    @property
    def name(self) -> str:
        """The identifier."""
        return self.stage.name


def units_of(stage: Stage, parts: int, spans: Sequence[Segment]) -> Iterator[Unit]:
    """The units of a stage.

    Parameters
    ----------
    parts
        Into which signals are divided.
    spans
        Of the background files that a stage of background makes, and of those that others read.
    """
    if isinstance(stage.request, Fetch):
        inputs = stage.request.planned().inputs
        yield from (_file(stage, stage.request, inputs, span) for span in spans)
    elif parts > 1 and type(stage.request) in _OUTPUTS:
        made = [_part(stage, Part(number, parts), spans) for number in range(1, parts + 1)]
        yield from made
        for position in range(len(made[0].outputs)):
            yield _join(stage, made, position)
    else:
        yield Unit(stage, _inputs(stage, spans), _outputs(stage))


def unit_named(name: str, stages: Sequence[Stage]) -> Unit:
    """The unit of a name.

    Raises
    ------
    UsageError
        There is none of this name.
    """
    title, _, detail = name.partition("/")
    stage = next((stage for stage in stages if stage.name == title), None)
    found = None if stage is None else _found(stage, detail)
    if found is not None:
        return found
    hint = did_you_mean(title, [stage.name for stage in stages]) if stage is None else ""
    raise UsageError(f"there is no unit {name!r} in this build.{hint} --list-units prints all of them.")


def _found(stage: Stage, detail: str) -> Unit | None:
    request = stage.request
    if isinstance(request, Fetch):
        planned = cast("FetchPlan", request.planned())
        units = (_file(stage, request, planned.inputs, file.span) for file in planned.outputs)
        return next((unit for unit in units if unit.name == f"{stage.name}/{detail}"), None)
    if not detail:
        return Unit(stage, (), _outputs(stage))
    outputs = _OUTPUTS.get(type(request), ())
    if outputs and (match := _PART.fullmatch(detail)):
        part = Part(int(match[1]), int(match[2]))
        return _part(stage, part, ()) if 1 <= part.number <= part.count else None
    if outputs and (match := _JOIN.fullmatch(detail)):
        parts, position = int(match[2]), _JOINS.index(match[1])
        if parts > 0 and position < len(outputs):
            return _join(stage, [_part(stage, Part(number, parts), ()) for number in range(1, parts + 1)], position)
    return None


def _inputs(stage: Stage, spans: Sequence[Segment]) -> tuple[Path, ...]:
    """What a stage of signals or a PSD reads: the noise, and background of known spans."""
    request: Any = stage.request
    given = [place(text) for text in getattr(request, "psd", None) or ()]
    folders = getattr(request, "background", None) or getattr(request, "files", None) or ()
    return (*given, *(place(folder) / file_name("background", span) for folder in folders for span in spans))


def _outputs(stage: Stage) -> tuple[Path, ...]:
    """The files of a stage that is one unit."""
    fields = _OUTPUTS.get(type(stage.request), ())
    return tuple(place(getattr(stage.request, field)) for field in fields) or (stage.output,)


def _file(stage: Stage, request: Fetch, inputs: Sequence[Path], span: Segment) -> Unit:
    name = file_name(request.prefix, span)
    single = replace(request, segments=None, start=int(span.start), end=int(span.stop), max_duration=None)
    detail = f"{int(span.start)}-{int(span.duration)}"
    return Unit(_named(stage, detail, single), tuple(inputs), (stage.output / name,), span.duration)


def _part(stage: Stage, part: Part, spans: Sequence[Segment]) -> Unit:
    """A part of a stage of signals, whose files lie beside those of the whole: branches then lie where they belong."""
    detail = f"part-{part.number}-of-{part.count}"
    wholes = {field: place(getattr(stage.request, field)) for field in _OUTPUTS[type(stage.request)]}
    paths = {field: whole.with_name(f"{whole.stem}-{detail}{whole.suffix}") for field, whole in wholes.items()}
    request = replace(stage.request, part=part, **paths)  # type: ignore[call-arg]  # those of _OUTPUTS have it
    return Unit(_named(stage, detail, request), _inputs(stage, spans), tuple(paths.values()))


def _join(stage: Stage, made: Sequence[Unit], position: int) -> Unit:
    """Join the files of the parts to that of the whole; they go when it is whole."""
    inputs = tuple(unit.outputs[position] for unit in made)
    output = place(getattr(stage.request, _OUTPUTS[type(stage.request)][position]))
    request = Merge(files=inputs, output_file=output, remove_inputs=True)
    joined = replace(_named(stage, f"{_JOINS[position]}-{len(made)}", request), joins=stage.request, output=output)
    return Unit(joined, inputs, (output,), 0.0)


def _named(stage: Stage, detail: str, request: Request[Any]) -> Stage:
    return replace(stage, name=f"{stage.name}/{detail}", request=request, needs=(), whole=False)
