"""Segments: their arithmetic, and the query that combines flags."""
