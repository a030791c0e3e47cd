"""The usual benchmarks, one after the other: ``python benchmarks``.

They need the extra ``benchmark`` (``pip install -e '.[benchmark]'``), a machine with nothing else to do, and
about half an hour. The others in this folder, some of which take longer, are run by name.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

for name in ("startup", "run_start", "waveforms", "window", "rejection", "memory", "fetch"):
    print(f"\n== {name} ==", flush=True)
    subprocess.run([sys.executable, str(Path(__file__).with_name(f"{name}.py"))], check=True)
