"""Checking a folder of background files: each by itself, all among themselves, and against segments."""
