"""Looks for approximants of LALSimulation that use memory which is not theirs, or end the process.

    python .ci/memory_errors.py [--valgrind] [APPROXIMANT...]

Each approximant that the plugin `lalsimulation` offers (or those named) makes signals and spectra of binaries of all
kinds, as the plugin makes them, in processes of their own, twice: the C library fills the memory that it hands out, and
then leaves it as it is and ends the process when something was written behind an array. A result that is not the same
was read where nobody wrote. `--valgrind` asks Valgrind in its place, which sees each such read
and write and names the function, and takes a hundred times as long: for the approximants that were found.

Printed, a line each: approximant, what it made, for which binary, and what went wrong. Exit code 1 if there is any of
which `aframe_data_plugins/lalsimulation/memory.py` does not know. Do this when LALSuite changes.
"""

from __future__ import annotations

import hashlib
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from aframe_data.types import WaveformRequest
from aframe_data_plugins.lalsimulation import LALSimulationOptions, approximants
from aframe_data_plugins.lalsimulation.generator import LALSimulation

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Seconds of CPU after which no further binary of an approximant is looked at.
LIMIT = 20
#: glibc's words for these two: the first fills with a byte that is nonsense as a number and as a length.
FILLS, CHECKS = {"MALLOC_PERTURB_": "85"}, {"LD_PRELOAD": "libc_malloc_debug.so.0", "MALLOC_CHECK_": "3"}
#: What the file is started with to look, and not to ask.
LOOKS, VALGRIND = "--look", "--valgrind"
#: What begins an error in Valgrind's log, in our words.
KINDS = {
    r"Invalid read": "reads outside its arrays",
    r"Invalid write": "writes outside its arrays",
    r"Invalid free|Mismatched free": "frees what it must not",
    r"Source and destination overlap": "copies an array onto itself",
    r"Conditional jump|Use of uninitialised": "reads what nobody wrote",
}
#: A frame of LAL's in such an error.
_FRAME = re.compile(r"==    (?:at|by) 0x[0-9A-F]+: (\S+) \(in .*/(?:lal|lalsimulation)(?:\.libs)?/")

REQUEST = WaveformRequest(sample_rate=2048, duration=4, right_pad=1)


class Binary(NamedTuple):
    """Detector-frame solar masses, tides, and the frequency (Hz) where its waveform starts."""

    mass_1: float
    mass_2: float
    lambda_1: float = 0.0
    lambda_2: float = 0.0
    start: float = 20.0


BINARIES = (
    Binary(36, 36),
    Binary(30, 25),
    Binary(50, 2.5),
    Binary(150, 100, start=11),
    Binary(400, 300),
    Binary(12, 10, start=30),
    Binary(5, 3, start=60),
    Binary(1.4, 1.3, start=100),
    Binary(1.4, 1.3, 400, 600, start=100),
    Binary(8, 1.4, 0, 500, start=60),
    Binary(30, 25, 100, 100),
)
#: Spins: a_1, tilt_1, a_2, tilt_2.
Spins = tuple[float, float, float, float]
NONE, ALIGNED, LEANING, ONE = (0.0, 0.0, 0.0, 0.0), (0.9, 0.0, 0.8, np.pi), (0.9, 1.2, 0.7, 2.0), (0.9, 1.2, 0.0, 0.0)


def spins_of(support: int) -> tuple[Spins, ...]:
    """The spins to try, by what an approximant supports."""
    import lalsimulation as lalsim

    few = {lalsim.SIM_INSPIRAL_SPINLESS: (NONE,), lalsim.SIM_INSPIRAL_SINGLESPIN: (NONE, ONE)}
    return few.get(support, (NONE, ALIGNED) if support == lalsim.SIM_INSPIRAL_ALIGNEDSPIN else (NONE, ALIGNED, LEANING))


def nodes_of(total_mass: float) -> dict[str, np.ndarray[Any, Any]]:
    """Nodes of spectra in Hz, from what can do no harm to what might."""
    mass = total_mass * 4.925491e-6
    return {
        "spectrum of the inspiral": np.geomspace(0.002, 0.02, 33) / mass,
        "spectrum at two nodes": np.array([0.004, 0.008]) / mass,
        "spectrum at one node": np.array([0.01]) / mass,
        "spectrum from 20 Hz to 1 kHz": np.geomspace(20, 1000, 32),
        "spectrum from 10 Hz to 4 kHz": np.geomspace(10, 4000, 230),
        "spectrum beyond the ringdown": np.geomspace(0.01, 1, 64) / mass,
        "spectrum at one node beyond it": np.array([0.5]) / mass,
        "spectrum at nodes beyond it alone": np.geomspace(0.4, 2, 16) / mass,
    }


# --- the process that looks -----------------------------------------------------------------------------


def look(names: list[str], logs: Path | None) -> None:
    """Make everything that approximants can; print a line for each result: approximant, what, binary, finding.

    The finding is a digest of the result or, with Valgrind's `logs`, what went wrong in between.
    """
    for what in make("IMRPhenomD", BINARIES[0], ALIGNED):  # what all need is there, and known to Valgrind, once
        del what
    for name in names:
        spent = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        for binary, spins in product(BINARIES, spins_of(approximants.find(name).spins)):
            told = " ".join(f"{field}={value:g}" for field, value in zip(binary._fields, binary, strict=True))
            told += f" spins={','.join(f'{each:.3g}' for each in spins)}"
            if resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - spent > LIMIT:
                print(name, "-", told, "too slow: not looked at, nor what follows", sep="\t", flush=True)
                break
            look_at(name, binary, spins, told, logs)


def look_at(name: str, binary: Binary, spins: Spins, told: str, logs: Path | None) -> None:
    """Make what one binary can have, in a process that may end."""
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT + 1))
        seen = 0
        for what, digest in make(name, binary, spins):
            if logs is None:
                print(name, what, told, digest, sep="\t", flush=True)
                continue
            log = (logs / f"log.{os.getpid()}").read_text(errors="replace")
            if found := errors(log[seen:]):
                print(name, what, told, ", ".join(found), sep="\t", flush=True)
            seen = len(log)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) != signal.SIGXCPU:
        print(name, "-", told, f"ended by {signal.Signals(os.WTERMSIG(status)).name}", sep="\t", flush=True)


def make(name: str, binary: Binary, spins: Spins) -> Iterator[tuple[str, str]]:
    """Make a signal and its spectra; give the name of each and a digest when it is made."""
    generator = LALSimulation(LALSimulationOptions(approximant=name))
    values = {
        **binary._asdict(),
        **dict(zip(("a_1", "tilt_1", "a_2", "tilt_2"), spins, strict=True)),
        "phi_12": 0.3,
        "phi_jl": 0.2,
        "theta_jn": 0.7,
        "phase": 1.0,
        "luminosity_distance": 1000.0,
        **dict.fromkeys(("minimum_frequency", "reference_frequency"), binary.start),
    }
    parameters = {key: np.array([value]) for key, value in values.items()}
    made = generator.generate(parameters, REQUEST)
    yield "waveform", _digest(made.plus, made.cross, made.failures)
    if generator.has_spectrum:
        for what, nodes in nodes_of(binary.mass_1 + binary.mass_2).items():
            yield what, _digest(*generator.spectrum(parameters, nodes), {})


def _digest(plus: np.ndarray[Any, Any], cross: np.ndarray[Any, Any], failures: dict[int, str]) -> str:
    return hashlib.sha256(plus.tobytes() + cross.tobytes() + repr(failures).encode()).hexdigest()


def errors(log: str) -> list[str]:
    """The errors in a part of Valgrind's log that LAL's code made, and the first of its functions that has a name."""
    found: dict[str, str] = {}
    for block in re.split(r"==\d+== *\n", log):
        frames = _FRAME.findall(block)
        for pattern, kind in KINDS.items():
            if frames and re.search(rf"^==\d+== (?:{pattern})", block, re.MULTILINE):
                found.setdefault(kind, next((name for name in frames if name.startswith("XLAL")), frames[0]))
    return [f"{kind} ({where})" for kind, where in found.items()]


# --- the process that asks ------------------------------------------------------------------------------


def filled(names: list[str]) -> Iterator[list[str]]:
    """Ask for everything, with memory filled and with memory checked; give what differs, and what ended."""
    runs = [started([], names, environment) for environment in (FILLS, CHECKS)]
    found = [{(name, what, told): result for name, what, told, result in _lines(run)} for run in runs]
    for key in dict.fromkeys([*found[0], *found[1]]):
        results = [each.get(key, "") for each in found]
        words = next((result for result in results if " " in result), "")
        if words or (all(results) and results[0] != results[1]):
            yield [*key, words or "differs with what the memory held"]


def checked(names: list[str]) -> Iterator[list[str]]:
    """Ask for everything under Valgrind; give what it found."""
    with tempfile.TemporaryDirectory() as logs:
        valgrind = ["valgrind", "--num-callers=20", "--error-limit=no", f"--log-file={logs}/log.%p"]
        yield from _lines(started(valgrind, names, {"PYTHONMALLOC": "malloc"}, logs))


def started(before: list[str], names: list[str], environment: dict[str, str], *logs: str) -> subprocess.Popen[str]:
    line = [*before, sys.executable, __file__, LOOKS, ",".join(names), *logs]
    quiet = {"PYTHONWARNINGS": "ignore", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.Popen(line, stdout=subprocess.PIPE, text=True, env=os.environ | quiet | environment)


def _lines(process: subprocess.Popen[str]) -> Iterator[list[str]]:
    assert process.stdout is not None
    with process:
        for line in process.stdout:
            if line.count("\t") == 3:  # some models print, too
                yield line.rstrip("\n").split("\t")


def main(arguments: list[str]) -> int:
    if arguments[:1] == [LOOKS]:
        look(arguments[1].split(","), Path(arguments[2]) if len(arguments) > 2 else None)
        return 0
    wanted, names = VALGRIND in arguments, [name for name in arguments if name != VALGRIND]
    if wanted and shutil.which("valgrind") is None:
        print("valgrind is missing: apt-get install valgrind", file=sys.stderr)
        return 2
    unknown = False
    for name, *told in (checked if wanted else filled)(names or [*approximants.names()]):
        print(name, *told, sep="\t", flush=True)
        unknown |= not approximants.find(name).memory_errors and not told[-1].startswith("too slow")
    return int(unknown)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
