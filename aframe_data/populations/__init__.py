"""Populations looked at: what a prior draws, draws of it in a file, and one population in the light of another."""
