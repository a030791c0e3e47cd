"""From parameters to waveforms on disk."""
