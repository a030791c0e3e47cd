"""Trying strangers' plugins in a process of its own, before they are imported here.

An import may never end, end the process, or close its streams. What comes through is remembered by what is installed
(the distribution's RECORD), so that a trial is made once, and not again by each command and each worker.
"""

from __future__ import annotations

import json
import logging
import os
import selectors
import signal
import subprocess
import sys
import time
from contextlib import suppress
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from aframe_data import __version__
from aframe_data.places import user_cache

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from importlib_metadata import EntryPoint

#: How long one import may take. It is long for a module that imports nothing heavy, and short for whoever waits.
SECONDS = 20.0
#: A failure is believed for so long: what was missing may be there by then.
_BELIEVED = 600.0
#: Trials that are remembered; far more than anybody has plugins.
_REMEMBERED = 100

_logger = logging.getLogger(__name__)


def _fingerprint(entry_point: EntryPoint, beside: Sequence[str]) -> str:
    """What is installed of an entry point's distribution and beside it, as a hash.

    An installation in place has a RECORD that does not list its modules, so the times of the plugin's own are looked
    at too; and what else is installed, on which its imports depend.
    """
    found = entry_point.dist
    parts = [__version__, sys.version, entry_point.name, entry_point.value, *sys.path, *beside]
    for name in ("RECORD", "METADATA", "entry_points.txt"):
        with suppress(OSError, UnicodeDecodeError):
            parts.append((found.read_text(name) if found is not None else None) or "")
    parts += [f"{path} {_changed(Path(path))}" for path in _sources(entry_point.value)]
    return sha256("\0".join(parts).encode()).hexdigest()


def _sources(value: str) -> list[str]:
    """The file of an entry point's module, or those of its package; none where it is not there."""
    try:
        found = find_spec(value.partition(":")[0].partition(".")[0].strip())
    except (ImportError, ValueError):
        return []
    if found is None or found.origin is None:
        return []
    folders = found.submodule_search_locations or ()
    return [found.origin, *(str(path) for folder in folders for path in sorted(Path(folder).glob("*.py")))]


def installed() -> list[str]:
    """The folders of metadata on the path, which have the versions in their names: there is no need to read any."""
    names: set[str] = set()
    for folder in sys.path:
        with suppress(OSError):  # not there, a zip file, or not to be read
            names |= set(os.listdir(folder or "."))  # noqa: PTH208 - hundreds of paths would be made of the names
    return sorted(name for name in names if name.endswith((".dist-info", ".egg-info")))


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def unfit(strange: Mapping[str, EntryPoint]) -> dict[str, str]:
    """Why plugins cannot be imported, in one line each, by their keys; those that can are left out."""
    known, beside = _recall(), installed()
    fingerprints = {key: _fingerprint(entry_point, beside) for key, entry_point in strange.items()}
    reasons = {key: known[found][0] for key, found in fingerprints.items() if found in known}
    unknown = [(key, entry_point) for key, entry_point in strange.items() if key not in reasons]
    if unknown:
        tried = _try(unknown)
        _remember({fingerprints[key]: reason for key, reason in tried.items()})
        reasons |= tried
    return {key: reason for key, reason in reasons.items() if reason}


def _try(candidates: Sequence[tuple[str, EntryPoint]]) -> dict[str, str]:
    """Import plugins one after the other in one process, and in another one those that come after a fatal one."""
    reasons: dict[str, str] = {}
    while len(reasons) < len(candidates):
        left = candidates[len(reasons) :]
        found, fatal = _try_in_one_process(left)
        reasons |= found
        if len(found) < len(left):
            culprit, _ = left[len(found)]
            reasons[culprit] = fatal
            _logger.warning("plugin %s is left out: %s", culprit, fatal)
    return reasons


def _try_in_one_process(candidates: Sequence[tuple[str, EntryPoint]]) -> tuple[dict[str, str], str]:
    """The reasons, empty for what is fit, up to the plugin that stops the process or does not end; and what it did."""
    asked = {"path": sys.path, "plugins": [[one.name, one.value] for _, one in candidates]}
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "aframe_data.registry.trial_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
    except OSError as error:
        return {}, f"it could not be tried: {error.strerror}"
    assert process.stdin is not None  # noqa: S101 - for the type checker
    assert process.stdout is not None  # noqa: S101
    found: dict[str, str] = {}
    try:
        with suppress(BrokenPipeError):
            process.stdin.write(json.dumps(asked).encode())
            process.stdin.close()
        for key, _ in candidates:
            line = _line(process.stdout)
            if line is None:
                return found, f"its import did not end within {SECONDS:g} s"
            if not line:
                return found, f"its import ended the process ({_ending(process)})"
            found[key] = json.loads(line)
    finally:
        # With whatever the plugin may have started.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
    return found, ""


def _line(stream: IO[bytes]) -> bytes | None:
    """The next line, empty at the end of the stream, or None where neither came in time."""
    line, until = b"", time.monotonic() + SECONDS
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while not line.endswith(b"\n"):
            if not selector.select(max(0.0, until - time.monotonic())):
                return None
            read = os.read(stream.fileno(), 1)  # nothing of the line after it
            if not read:
                return b""
            line += read
    return line


def _ending(process: subprocess.Popen[bytes]) -> str:
    try:
        code = process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        return "it closed its streams"
    return f"signal {-code}" if code < 0 else f"exit code {code}"


# --- what was found before ------------------------------------------------------------------------------


def _file() -> Path | None:
    try:
        return user_cache() / "plugins.json"
    except RuntimeError:  # nobody knows where the home is
        return None


def _recall() -> Mapping[str, tuple[str, float]]:
    """By fingerprint, why a plugin is unfit, empty where it is fit, and when that was found."""
    path = _file()
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8")) if path else {}
        known = {str(key): (str(reason), float(when)) for key, (reason, when) in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):  # none yet, or somebody else's
        return {}
    return {key: kept for key, kept in known.items() if not kept[0] or time.time() - kept[1] < _BELIEVED}


def _remember(tried: Mapping[str, str]) -> None:
    """Add trials to those that are known; where there is no place for them, all are made again."""
    path = _file()
    if path is None:
        return
    known = [*_recall().items(), *((key, (reason, time.time())) for key, reason in tried.items())]
    part = path.with_name(f"{path.name}.{os.getpid()}")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(dict(known[-_REMEMBERED:])), encoding="utf-8")
        part.replace(path)
