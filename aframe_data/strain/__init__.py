"""Strain: from an archive to background files, in blocks, resampled and checked."""
