"""Looking at files: what any of the project's files holds, in facts for people and machines, and in a picture."""

from aframe_data.inspection.reading import Inspection, inspect

__all__ = ["Inspection", "inspect"]
