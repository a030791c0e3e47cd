"""What a person sees of ``aframe-data verify``: what is wrong as a table, notes, and the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.cli.report import print_line, print_table
from aframe_data.sizes import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aframe_data.verification.findings import Finding
    from aframe_data.verification.verify import VerifyReport

#: Notes of one kind that are shown; --json has all.
_SHOWN = 5


def print_report(report: VerifyReport) -> None:
    """Print what was found."""
    if report.problems:
        rows = [(finding.where, finding.kind, finding.text) for finding in report.problems]
        print_table(("file or span", "problem", "what is wrong"), rows)
    for kind in dict.fromkeys(finding.kind for finding in report.notes):
        _print_notes(kind, [finding for finding in report.notes if finding.kind == kind])
    print_line(_compared(report))
    print_line(_verdict(report))


def _print_notes(kind: str, notes: Sequence[Finding]) -> None:
    for note in notes[:_SHOWN]:
        print_line(f"note: {kind}: {note.where}: {note.text}")
    if len(notes) > _SHOWN:
        print_line(f"note: {kind}: {len(notes) - _SHOWN} more; --json shows all")


def _compared(report: VerifyReport) -> str:
    from aframe_data.segments.arithmetic import livetime

    if report.segments is None:
        looked = ": none were given, and there is no segments.txt in the folder or beside it"
        return f"compared with no segments{looked if report.request.look_for_segments else ''}"
    number = f"{counted(len(report.segments), 'segment')}, {livetime(report.segments):.10g} s"
    found = " (found there; use --segments or --no-segments to change that)" if report.request.segments is None else ""
    return f"compared with {report.segments_file}: {number}{found}"


def _verdict(report: VerifyReport) -> str:
    what = (
        f"{counted(len(report.background), 'file')}, {report.livetime:.10g} s, "
        f"{counted(len(report.ifos), 'interferometer')}"
    )
    unread = " (samples not read)" if report.request.quick else ""
    if report.sound:
        return f"{what}: sound{unread}"
    return f"{counted(len(report.problems), 'problem')} in {what}{unread}"
