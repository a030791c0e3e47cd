"""Outputs that appear whole, and the record of where they came from; what is in them is the formats' business."""
