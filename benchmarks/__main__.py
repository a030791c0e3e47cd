"""All benchmarks of the project, one after the other: ``python benchmarks``.

They need the extra ``benchmark`` (``pip install -e '.[benchmark]'``), a machine with nothing else to do, and
about half an hour. Not among them are ``exhaustive.py``, which takes an hour, and ``planning.py``.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

for name in ("startup", "run_start", "waveforms", "window", "rejection", "memory", "fetch"):
    print(f"\n== {name} ==", flush=True)
    subprocess.run([sys.executable, str(Path(__file__).with_name(f"{name}.py"))], check=True)
