"""Power spectral densities: of noise curves, of files, and estimated from strain."""
