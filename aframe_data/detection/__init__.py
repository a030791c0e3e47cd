"""What a network of detectors sees of a signal: responses, SNRs, estimates, and what is loud enough."""
