"""Aframe's own pipeline on this package: its five console scripts, and the workflow that takes the place of its own.

Everything of a fixed contract with Aframe of today is here; no other room knows of it.
"""
