"""``aframe-data merge``: ledger files that were made in pieces."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rich_click as click

from aframe_data.cli.parameters import COMMON_PANEL, common_options
from aframe_data.cli.providers import ProviderCommand
from aframe_data.cli.report import counted, print_line, progress


@click.command("merge", cls=ProviderCommand, selectors=[])
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("-o", "--output-file", type=click.Path(path_type=Path), required=True, help="File to write.")
@click.option("--dry-run", is_flag=True, panel=COMMON_PANEL, help="Say what would be done, and do nothing.")
@click.option("--overwrite", is_flag=True, panel=COMMON_PANEL, help="Replace what is there.")
@common_options
def command(*, dry_run: bool, **arguments: Any) -> None:
    """Join ledger files that were made in pieces.

    FILES are of one kind: training waveforms, validation signals, campaigns, or rejected parameters. Their
    rows follow each other in the order given, num_injections is summed, and all other metadata must agree.
    They are only read.
    """
    from aframe_data.store.atomic import format_bytes
    from aframe_data.waveforms.merging import plan_merge, run_merge

    plan = plan_merge(**arguments)
    if dry_run:
        if plan.present:
            print_line(f"{plan.output_file} is there already; nothing would be done.")
            return
        of_injections = "" if plan.num_injections is None else f" of {counted(plan.num_injections, 'injection')}"
        print_line(
            f"Would join {counted(len(plan.sources), 'file')} with {counted(plan.layout.length, 'row')}{of_injections} "
            f"into {plan.output_file}: {format_bytes(plan.nbytes)}."
        )
        return
    with progress() as on_phase:
        report = run_merge(plan, on_phase=on_phase)
    if report.present:
        print_line(f"{report.path} is there already, joined from the same files and intact: nothing to do")
        return
    of_injections = "" if report.num_injections is None else f" of {counted(report.num_injections, 'injection')}"
    print_line(
        f"{counted(report.length, 'row')}{of_injections} from {counted(report.num_files, 'file')}, written to "
        f"{report.path}"
    )
