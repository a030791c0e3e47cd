"""Whether a background file that is there is the one that a fetch would make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aframe_data.errors import DataQualityError
from aframe_data.formats import background
from aframe_data.requests.fetch import FILL
from aframe_data.segments import arithmetic
from aframe_data.strain.units import RECIPE
from aframe_data.types import Flaw, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from aframe_data.formats.background import BackgroundSummary
    from aframe_data.strain.gaps import Gaps
    from aframe_data.strain.units import Wanted


def as_told(path: Path) -> BackgroundSummary:
    """What a file says of itself, which is soon read; or what is in it, where it does not say all that matters."""
    record = background.read_record(path) or {}
    try:
        return background.BackgroundSummary(
            ifos=tuple(sorted(record["strain"])),
            segment=Segment(*record["span"]),
            sample_rate=record["arguments"]["sample_rate"],
            dtype=record["arguments"]["dtype"],
            not_finite={},
            written_hash=None,
            intact=None,
            record=record,
        )
    except (LookupError, TypeError, ValueError):
        return background.summarize(path, check=False)


def require_same(wanted: Sequence[Wanted], gaps: Gaps, path: Path, span: Segment, found: BackgroundSummary) -> None:
    """Check that a file that is there is the one that would be made.

    Parameters
    ----------
    wanted
        Its channels.
    gaps
        What becomes of what should not be used.
    path, span
        The file's.
    found
        What it holds.

    Raises
    ------
    DataQualityError
        Naming what differs.
    """
    record = found.record or {}
    differences = [
        f"{what} {have}, not {want}"
        for what, have, want in (
            ("interferometers", ", ".join(found.ifos), ", ".join(channel.ifo for channel in wanted)),
            ("span", str(found.segment), str(span)),
            ("sample rate", f"{found.sample_rate:g}", f"{wanted[0].sample_rate:g}"),
            ("type", found.dtype, wanted[0].dtype),
            *_origin_differences(wanted, record),
            *_gap_differences(gaps, record),
        )
        if have != want
    ]
    if any(found.not_finite.values()):
        differences.append("samples that are not finite")
    if found.intact is False:
        differences.append("samples that changed since they were written")
    if differences:
        raise DataQualityError(f"{path} already exists, with {'; '.join(differences)}. --overwrite replaces it.")


def _origin_differences(wanted: Sequence[Wanted], record: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Channels and sources in the record of a file that is there; a file of another program may have none."""
    channels = record.get("arguments", {}).get("channels")
    if channels is not None:
        yield "channels", ", ".join(sorted(channels)), ", ".join(sorted(channel.channel for channel in wanted))
    asked = {choice.key: choice for channel in wanted for choice in channel.choices}
    used = {piece["source"] for strain in record.get("strain", {}).values() for piece in strain["pieces"]}
    if not used <= asked.keys():
        yield "strain from", ", ".join(sorted(used)), ", ".join(sorted(asked))
        return
    strain = record.get("identity", {}).get("strain", ())
    if strain:
        there = {source["name"]: source for channel in strain for source in channel["sources"]}
        now = {source["name"]: source for channel in wanted for source in channel.sources}
    else:  # of version 0.1, which kept the options alone
        there = {source["name"]: source for source in record.get("sources", [])}
        now = {name: choice.describe() for name, choice in asked.items()}
    for name in sorted(used & there.keys()):
        had = _options(there[name])
        for option, value in _options(now[name]).items():
            if option in asked[name].data_options:
                yield f"--{name}-{option}", str(had.get(option)), str(value)
    for channel in strain[:1]:
        yield "strain of recipe", str(channel["recipe"]), str(RECIPE)


def _options(source: Mapping[str, Any]) -> dict[str, Any]:
    """Options by their names, with the content of files that they name."""
    return {**source["options"], **source.get("sha256", {})}


def _gap_differences(gaps: Gaps, record: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What was left out of a file that is there, or filled."""
    arguments = record.get("arguments", {})
    bits = arguments.get("require_bits", ())
    yield "bits required", ", ".join(bits) or "none", ", ".join(gaps.require_bits) or "none"
    words = {True: "left out", False: "not looked for"}
    excluded = bool(arguments.get("exclude_hardware_injections"))
    yield "hardware injections", words[excluded], words[gaps.exclude_hardware_injections]
    if "filled" in record and gaps.policy != FILL:
        yield "gaps", "filled with zeros", f"treated by --gaps {gaps.policy}"
    if "segment" in record and not _keeps_the_same(record, gaps.shortest):
        yield "the shortest file", f"{arguments.get('min_duration', 0):g} s", f"{gaps.shortest:g} s"


def _keeps_the_same(record: Mapping[str, Any], shortest: float) -> bool:
    """Whether a span that was split would have the same files with another bound on their length."""
    kept = [Segment(start, stop) for start, stop in record["files"]]
    cut = [Flaw(each["start"], each["stop"], each["reason"]) for each in record.get("cut", ())]
    dropped = arithmetic.subtract([Segment(*record["segment"])], [*arithmetic.outward(cut), *kept])
    return all(span.duration >= shortest for span in kept) and all(span.duration < shortest for span in dropped)
