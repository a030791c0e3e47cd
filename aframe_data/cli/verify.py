"""``aframe-data verify``: whether a folder of background files is sound and whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from aframe_data.cli.parameters import COMMON_PANEL, common_options, list_option
from aframe_data.cli.providers import ProviderCommand
from aframe_data.cli.report import counted, print_json, print_line, print_table, progress
from aframe_data.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aframe_data.verification.findings import Finding
    from aframe_data.verification.verify import VerifyPlan, VerifyReport

#: Notes of one kind that are shown; --json has all.
_SHOWN = 5


@click.command("verify", cls=ProviderCommand, selectors=[])
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--segments",
    type=click.Path(path_type=Path),
    help="Segments file that the files should cover. (default: segments.txt in FOLDER or beside it, if there)",
)
@click.option("--no-segments", is_flag=True, help="Compare with no segments.")
@click.option("--sample-rate", type=float, help="Rate that the files should have, in Hz. (default: that of most)")
@list_option("--ifos", help="Interferometers that the files should have: H1,L1. (default: those of most)")
@click.option(
    "--min-duration",
    type=float,
    help="Shortest file, in seconds: what is shorter and has none is not missing. (default: that of the fetch that "
    "made the files, or 10)",
)
@click.option("-p", "--prefix", default="background", show_default=True, help="First part of the files' names.")
@click.option("--quick", is_flag=True, help="Read names and metadata only, no samples.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--workers", type=click.IntRange(min=1), panel=COMMON_PANEL, help="Processes. (default: all CPUs)")
@common_options
def command(
    folder: Path,
    *,
    segments: Path | None,
    no_segments: bool,
    ifos: Sequence[str],
    workers: int | None,
    as_json: bool,
    **arguments: Any,
) -> int:
    """Check a folder of background files: names, samples, gaps, overlaps.

    Told are files that are damaged, changed, not finite, at odds with their names or unlike the others, and what
    the segments have and no file covers. Nothing is written. The exit code is 1 where something is wrong.
    """
    from aframe_data.verification.verify import plan_verify, run_verify

    if segments is not None and no_segments:
        raise UsageError("--segments and --no-segments exclude each other.")
    plan = plan_verify(folder, segments=segments, look_for_segments=not no_segments, ifos=ifos or None, **arguments)
    with progress() as on_phase:
        report = run_verify(plan, workers=workers, on_phase=on_phase)
    if as_json:
        print_json(report.describe())
    else:
        _print_report(report, named=segments is not None, told=no_segments)
    return 0 if report.sound else 1


def _print_report(report: VerifyReport, *, named: bool, told: bool) -> None:
    if report.problems:
        rows = [(finding.where, finding.kind, finding.text) for finding in report.problems]
        print_table("", ("file or span", "problem", "what is wrong"), rows)
    for kind in dict.fromkeys(finding.kind for finding in report.notes):
        _print_notes(kind, [finding for finding in report.notes if finding.kind == kind])
    print_line(_compared(report.plan, named=named, told=told))
    print_line(_verdict(report))


def _print_notes(kind: str, notes: Sequence[Finding]) -> None:
    for note in notes[:_SHOWN]:
        print_line(f"note: {kind}: {note.where}: {note.text}")
    if len(notes) > _SHOWN:
        print_line(f"note: {kind}: {len(notes) - _SHOWN} more; --json shows all")


def _compared(plan: VerifyPlan, *, named: bool, told: bool) -> str:
    from aframe_data.segments.arithmetic import livetime

    if plan.segments is None:
        why = "" if told else ": none were given, and there is no segments.txt in the folder or beside it"
        return f"compared with no segments{why}"
    number = f"{counted(len(plan.segments), 'segment')}, {livetime(plan.segments):.10g} s"
    found = "" if named else " (found there; --segments or --no-segments says otherwise)"
    return f"compared with {plan.segments_file}: {number}{found}"


def _verdict(report: VerifyReport) -> str:
    what = (
        f"{counted(len(report.background), 'file')}, {report.livetime:.10g} s, "
        f"{counted(len(report.ifos), 'interferometer')}"
    )
    unread = " (samples not read)" if report.plan.quick else ""
    if report.sound:
        return f"{what}: sound{unread}"
    return f"{counted(len(report.problems), 'problem')} in {what}{unread}"
