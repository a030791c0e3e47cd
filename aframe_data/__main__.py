"""``python -m aframe_data``."""

from __future__ import annotations

from aframe_data.cli import main

if __name__ == "__main__":
    main()
