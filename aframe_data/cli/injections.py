"""What the commands that reject by SNR say, before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.cli.report import counted, format_duration, print_line
from aframe_data.cli.signals import print_failures

if TYPE_CHECKING:
    from aframe_data.injections.plan import InjectionPlan
    from aframe_data.injections.run import InjectionReport


def print_forecast(plan: InjectionPlan, workers: int | None) -> None:
    """Say what would be done, how many bytes and about how long."""
    from aframe_data.injections.forecast import forecast
    from aframe_data.store.atomic import format_bytes
    from aframe_data.work import engine

    outputs = " and ".join(str(path) for path in plan.outputs)
    if plan.present:
        print_line(f"{outputs}: there already; nothing would be done.")
        return
    expected = forecast(plan)
    processes = workers or engine.available_cpus()
    print_line(
        f"Would generate {counted(plan.num_signals, 'signal')} of SNR {plan.acceptance.snr_threshold:g} or more with "
        f"seed {plan.recipe.seed} into {outputs}: {format_bytes(plan.nbytes)}, and as much again beside it until it "
        "is whole."
    )
    seconds = expected.seconds(plan.num_signals, processes)
    lasting = None if seconds is None else format_duration(max(1, seconds))
    in_full = f"{expected.seconds_in_full * 1e3:.1f} ms for a signal made in full"
    if expected.seconds_estimated is None:
        print_line(f"Every draw is made in full: {in_full}; how many are needed is not known beforehand.")
    elif lasting is None:
        print_line(f"None of the trial draws reaches the threshold: no telling how long that takes ({in_full}).")
    else:
        print_line(
            f"About {expected.acceptance:.2%} of the draws are accepted; that takes about {lasting} "
            f"with {counted(processes, 'worker')} ({expected.seconds_estimated * 1e3:.2f} ms to estimate a draw, "
            f"{in_full})."
        )
        if plan.rejected_file is not None and expected.acceptance:
            rejected = round(plan.num_signals / expected.acceptance) - plan.num_signals
            print_line(
                f"The parameters of about {rejected} rejected draws add {format_bytes(plan.rejected_nbytes(rejected))}."
            )


def print_report(report: InjectionReport) -> None:
    """Say what was done."""
    print_failures(report.failures, report.path)
    if report.present:
        print_line(f"{report.path} is there already, made by the same command and intact: nothing to do")
        return
    print_line(
        f"{counted(report.num_signals, 'signal')} of {report.num_injections} drawn "
        f"({report.num_signals / report.num_injections:.3g}), seed {report.seed}, written to {report.path}"
    )
    if report.audited:
        print_line(
            f"{counted(report.audited, 'rejected draw')} made in full to audit the estimates: none was missed; "
            f"SNR at most {report.largest_ratio:.4f} of the estimate"
        )
    if report.rejected_path is not None:
        print_line(f"parameters of the rejected draws written to {report.rejected_path}")
