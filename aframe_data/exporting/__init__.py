"""Finished files for other tools: what is exported, checked and published; the formats are plugins."""
