"""What ``aframe-data validation-waveforms`` says, before and after: as all commands that reject by SNR."""

from aframe_data.cli.injections import print_forecast, print_report

__all__ = ["print_forecast", "print_report"]
