"""Whether a background file that is there is the one that a fetch would make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aframe_data.checks import interferometer
from aframe_data.errors import DataQualityError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aframe_data.io.background import BackgroundSummary
    from aframe_data.strain.unit import FileTask


def require_same(task: FileTask, found: BackgroundSummary) -> None:
    """Check that a file that is there is the one that the task would make.

    Raises
    ------
    DataQualityError
        Naming what differs.
    """
    wanted = tuple(sorted(interferometer(channel) for channel in task.channels))
    differences = [
        f"{what} {have}, not {want}"
        for what, have, want in (
            ("interferometers", ", ".join(found.ifos), ", ".join(wanted)),
            ("span", str(found.segment), str(task.span)),
            ("sample rate", f"{found.sample_rate:g}", f"{task.sample_rate:g}"),
            ("type", found.dtype, task.dtype),
            *_origin_differences(task, found.record or {}),
        )
        if have != want
    ]
    if any(found.not_finite.values()):
        differences.append("samples that are not finite")
    if found.intact is False:
        differences.append("samples that changed since they were written")
    if differences:
        raise DataQualityError(f"{task.path} is there, with {'; '.join(differences)}. --overwrite replaces it.")


def _origin_differences(task: FileTask, record: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Channels and sources in the record of a file that is there; a file of another program may have none."""
    channels = record.get("arguments", {}).get("channels")
    if channels is not None:
        yield "channels", ", ".join(sorted(channels)), ", ".join(sorted(task.channels))
    asked = {choice.key: choice for choice in task.sources}
    used = {piece["source"] for strain in record.get("strain", {}).values() for piece in strain["pieces"]}
    if not used <= asked.keys():
        yield "strain from", ", ".join(sorted(used)), ", ".join(sorted(asked))
        return
    for source in record.get("sources", []):
        if source["name"] in used:
            choice = asked[source["name"]]
            for name, value in choice.describe()["options"].items():
                if name in choice.data_options:
                    yield f"--{source['name']}-{name}", str(source["options"].get(name)), str(value)
