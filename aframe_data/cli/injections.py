"""What the commands that reject by SNR say, before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.cli.report import format_duration, print_done, print_line
from aframe_data.cli.waveforms import print_failures
from aframe_data.sizes import counted, format_bytes

if TYPE_CHECKING:
    from aframe_data.reports.injections import InjectionForecast, InjectionReport
    from aframe_data.work.plan import Event


def print_forecast(forecast: InjectionForecast) -> None:
    """Say what would be done, how many bytes and about how long."""
    outputs = " and ".join(str(path) for path in forecast.paths)
    if forecast.campaign is not None:
        _print_extent(forecast.num_signals, **vars(forecast.campaign))
    print_line(
        f"Would generate {counted(forecast.num_signals, 'signal')} with SNR {forecast.snr_threshold:g} or more and "
        f"seed {forecast.seed} into {outputs}: {format_bytes(forecast.nbytes)}, and as much again while "
        "it is being written."
    )
    in_full = f"{forecast.seconds_in_full * 1e3:.1f} ms for a signal computed in full"
    if forecast.acceptance is None:
        print_line(f"Every draw is computed in full: {in_full}; how many are needed cannot be known in advance.")
    elif forecast.seconds is None:
        print_line(f"None of the trial draws reaches the threshold, so the time cannot be estimated ({in_full}).")
    else:
        each = forecast.seconds_estimated
        estimates = "no estimates for so few signals" if each is None else f"{each * 1e3:.2g} ms to estimate a draw"
        print_line(
            f"About {forecast.acceptance:.2%} of the draws are accepted; that takes about "
            f"{format_duration(max(1, forecast.seconds))} with {counted(forecast.workers, 'worker')} "
            f"({estimates}, {in_full})."
        )
        if forecast.rejected is not None and forecast.rejected_row_nbytes:
            size = format_bytes(forecast.rejected * forecast.rejected_row_nbytes)
            print_line(f"The parameters of about {forecast.rejected} rejected draws add {size}.")


def print_event(event: Event) -> None:
    """Say, before the work, how much background a campaign uses."""
    if event["event"] == "campaign":
        _print_extent(event["num_signals"], **event["campaign"])


def _print_extent(num_signals: int, *, num_slides: int, num_segments: int, livetime: float) -> None:
    where = f"{counted(num_slides, 'slide')} of {counted(num_segments, 'segment')}"
    lasts = f"{livetime:.0f} s ({format_duration(livetime)})"
    print_line(f"{counted(num_signals, 'injection')} in {where}, livetime {lasts}")


def print_report(report: InjectionReport) -> None:
    """Say what was done."""
    print_failures(report.failures, report.path)
    share = f"{report.num_injections} drawn ({report.num_signals / report.num_injections:.3g})"
    done = f"{counted(report.num_signals, 'signal')} of {share}, seed {report.seed}, written to {report.path}"
    print_done(report.path, done, present=report.present)
    if report.present:
        return
    if report.audited:
        print_line(
            f"{counted(report.audited, 'rejected draw')} computed in full to audit the estimates: none was missed; "
            f"SNR at most {report.largest_ratio:.4f} of the estimate"
        )
    if report.rejected_path is not None:
        print_line(f"parameters of rejected draws written to {report.rejected_path}")
