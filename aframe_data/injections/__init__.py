"""Validation signals and injection campaigns: put together of detection, time slides and waveforms."""
