"""From polarizations to signals in detectors: responses, signal-to-noise ratios, and what is loud enough."""
