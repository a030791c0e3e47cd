"""What ``aframe-data waveforms`` says, before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.cli.report import format_duration, print_done, print_line
from aframe_data.sizes import counted, format_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.reports.waveforms import TrainingForecast, TrainingReport

_SHOWN_FAILURES = 10


def print_forecast(forecast: TrainingForecast) -> None:
    """Say what would be done, how many bytes and about how long."""
    print_line(
        f"Would generate {counted(forecast.num_signals, 'signal')} with seed {forecast.seed} into {forecast.path}: "
        f"{format_bytes(forecast.nbytes)}, and as much again while it is being written; about "
        f"{format_duration(forecast.seconds)} with {counted(forecast.workers, 'worker')} "
        f"({forecast.seconds_per_signal * 1e3:.1f} ms a signal)."
    )


def print_report(report: TrainingReport) -> None:
    """Say what was done."""
    print_failures(report.failures, report.path)
    signals = counted(report.num_signals, "signal")
    done = f"{signals} of {report.drawn} drawn, seed {report.seed}, written to {report.path}"
    print_done(report.path, done, present=report.present)


def print_failures(failures: tuple[str, ...], path: Path) -> None:
    """The first of the signals that failed; for all commands that make signals."""
    for failure in failures[:_SHOWN_FAILURES]:
        print_line(f"failed and replaced: {failure}")
    if len(failures) > _SHOWN_FAILURES:
        print_line(f"… and {len(failures) - _SHOWN_FAILURES} more, all in the provenance of {path}")
