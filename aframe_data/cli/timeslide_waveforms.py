"""What ``aframe-data timeslide-waveforms`` says: its times, and what all commands that reject by SNR say."""

from aframe_data.cli.injections import print_event, print_forecast, print_report

__all__ = ["print_event", "print_forecast", "print_report"]
