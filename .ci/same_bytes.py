"""Shows that a redesign changed no byte of data: runs the same command lines with two trees and compares the files.

    python .ci/same_bytes.py [REVISION [TREE]]

REVISION (default: the last one before the redesign) is checked out into a temporary worktree; TREE is what it is
compared with, by default the working tree. Both use the Python that runs this, in which the project is installed:
its entry points say what the plugins are. Provenance, hashes and the first line of a segments file may differ, and
what is new in TREE is told as a note. All input is made here; nothing is asked of a network.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    Array = np.ndarray[Any, np.dtype[Any]]

ROOT = Path(__file__).resolve().parent.parent
REVISION = "aed497b"
#: Attributes and datasets that tell how a file was made.
UNLIKE = {"@provenance", "@content_sha256", "provenance/record"}
#: What a redesign may add begins with one of these: attributes of the root, parameters, and more of the provenance.
ADDITIONS = ("@", "parameters/", "provenance/")

#: First GPS second, seconds and rate (Hz) of the strain files that are made here.
START, SECONDS, RATE = 1_240_579_000, 300, 4096
#: Seconds after START: without samples, without a file, with samples that stand still, and with a bit that is off.
NAN, NO_FILE, STILL, BIT_OFF, INJECTED = (60.25, 62.5), (130, 160), (200, 203.5), (230, 234), (20, 22)
MASKS = {"quality/simple/DQ": ("DATA", "CBC_CAT1"), "quality/injections/Inj": ("NO_CBC_HW_INJ", "NO_CW_HW_INJ")}
PRIOR = """
mass_1 = Uniform(minimum=1.4, maximum=2)
mass_2 = Uniform(minimum=1, maximum=1.4)
luminosity_distance = bilby.gw.prior.UniformSourceFrame(minimum=20, maximum=200, name='luminosity_distance')
chi_1 = Uniform(minimum=-0.1, maximum=0.1)
chi_2 = 0
lambda_1 = Uniform(minimum=0, maximum=500)
lambda_2 = 400
dec = Cosine(name='dec')
ra = Uniform(minimum=0, maximum=2 * np.pi, boundary='periodic')
theta_jn = Sine(name='theta_jn')
psi = Uniform(minimum=0, maximum=np.pi)
phase = Uniform(minimum=0, maximum=2 * np.pi)
"""

#: What the lines below have in common, in braces there.
WORDS = {
    "simulated": "--source simulated --simulated-seed 7 --channels H1,L1",
    "frames": f"--source frames --frames-path ../input --channels H1,L1 --start {START} --end {START + SECONDS}",
    "grid": "--waveform-duration 4 --sample-rate 1024 --right-pad 1",
    "pv2": "--prior end_o3_ratesandpops --approximant IMRPhenomPv2",
    "tides": "--prior ../input/tides.prior --approximant IMRPhenomD_NRTidalv2",
    "slides": "--ifos H1,L1 --shifts 0,1 --spacing 2 --buffer 2 --psd-length 16",
}
#: A unit of work has 64 signals, or 16 accepted ones: several lines ask for more, so that there are two units.
#: No campaign is of --start and --end: these draw otherwise than before, by start, end and shifts too.
LINES = """
query --source simulated --flags H1_DATA,L1_DATA --start 1240581400 --end 1240582500 --simulated-mean-segment 600
    --simulated-min-segment 200 --simulated-seed 1 --pad 3.5 --max-duration 200 -o segments.txt
fetch {simulated} --rate 4096 --segments segments.txt --sample-rate 2048 --max-duration 120 -o background
fetch {simulated} --rate 4096 --start 1240579783 --end 1240579943 --sample-rate 1024 -o noise
fetch {simulated} --rate 2048 --psd AdvVirgo --start 1240580000 --end 1240580190 --sample-rate 1024 -o noise
fetch {simulated} --rate 1280 --start 1240579783 --end 1240579883 --sample-rate 512 --dtype float32 -o single
fetch {frames} --sample-rate 1024 --gaps split -o split
fetch {frames} --sample-rate 1024 --gaps split --require-bits CBC_CAT1 --exclude-hardware-injections -o required
fetch {frames} --sample-rate 1536 --gaps fill -o filled
psd noise/*.hdf5 --fft-length 4 -o psd.hdf5
waveforms {pv2} {grid} --num-signals 70 --seed 11 --workers 2 -o pv2.hdf5
waveforms {pv2} {grid} --num-signals 9 --seed 12 -o pv2-more.hdf5
waveforms --prior spin_bbh {grid} --num-signals 70 --seed 13 --workers 1 --dtype float64 -o xphm.hdf5
waveforms --prior nonspin_bbh --approximant IMRPhenomT {grid} --num-signals 5 --seed 14 -o t.hdf5
waveforms --prior end_o3_ratesandpops_bns --approximant IMRPhenomPv2_NRTidalv2 {grid} --num-signals 6 --seed 15
    -o bns.hdf5
waveforms {tides} {grid} --num-signals 6 --seed 16 -o tides.hdf5
validation-waveforms --prior end_o3_ratesandpops {grid} --ifos H1,L1,V1 --num-signals 20 --psd aLIGOZeroDetHighPower
    --psd V1=AdvVirgo --seed 21 --workers 1 -o curve.hdf5 --rejected-file curve-rejected.hdf5
validation-waveforms {pv2} {grid} --ifos H1,L1 --num-signals 20 --psd noise/background-1240579783-160.hdf5
    --highpass 40 --lowpass 400 --seed 22 --workers 2 -o file.hdf5 --rejected-file file-rejected.hdf5
validation-waveforms {pv2} {grid} --ifos H1,L1 --num-signals 3 --psd psd.hdf5 --full-evaluation --seed 23
    -o full.hdf5 --rejected-file full-rejected.hdf5
validation-waveforms {tides} {grid} --ifos H1,L1 --num-signals 4 --psd psd.hdf5 --snr-threshold 10 --seed 24
    -o heard.hdf5 --rejected-file heard-rejected.hdf5
timeslide-waveforms {pv2} {grid} {slides} --background noise --num-signals 55 --seed 31 --output-dir slides
timeslide-waveforms {pv2} {grid} {slides} --background noise/background-1240579783-160.hdf5 --psd psd.hdf5 --seed 32
    --output-dir span
timeslide-waveforms {pv2} {grid} {slides} --background noise --livetime 150 --true-right-ascension --seed 33
    --output-dir turning
merge pv2.hdf5 pv2-more.hdf5 -o merged.hdf5
merge slides/waveforms.hdf5 span/waveforms.hdf5 -o campaigns.hdf5
merge slides/rejected-parameters.hdf5 span/rejected-parameters.hdf5 -o campaigns-rejected.hdf5
"""


def main(revision: str = REVISION, tree: str = str(ROOT)) -> int:
    """Compare, and return the exit code."""
    with tempfile.TemporaryDirectory() as name, worktree(revision, Path(name, "tree")) as old:
        write_input(Path(name, "input"))
        trees, folders = (old, Path(tree).resolve()), (Path(name, "old"), Path(name, "new"))
        for code, folder in zip(trees, folders, strict=True):
            folder.mkdir()
            require_own_code(code, folder)
        with ThreadPoolExecutor(2) as pool:
            for line in LINES.format(**WORDS).replace("\n    ", " ").strip().splitlines():
                list(pool.map(partial(run_line, line), trees, folders))
        return compare_folders(*folders)


@contextmanager
def worktree(revision: str, path: Path) -> Iterator[Path]:
    """Check a revision out at a path, for as long as the block lasts."""
    git = ["git", "-C", str(ROOT), "worktree"]
    subprocess.run([*git, "add", "--quiet", "--detach", str(path), revision], check=True)
    try:
        yield path
    finally:
        subprocess.run([*git, "remove", "--force", str(path)], check=True)


def write_input(folder: Path) -> None:
    """Write a prior, and strain in GWOSC's layout with every kind of gap: two files of H1, one of L1."""
    folder.mkdir()
    (folder / "tides.prior").write_text(PRIOR, encoding="utf-8")
    rng = np.random.default_rng(1)
    for ifo, spans in (("H1", ((0, NO_FILE[0]), (NO_FILE[1], SECONDS))), ("L1", ((0, SECONDS),))):
        data = rng.normal(0, 1e-21, SECONDS * RATE)
        masks = {name: np.full(SECONDS, 3, dtype=np.uint32) for name in MASKS}
        if ifo == "H1":
            data[slice(*(round(second * RATE) for second in NAN))] = np.nan
            masks["quality/simple/DQ"][slice(*BIT_OFF)] = 1
        else:
            data[slice(*(round(second * RATE) for second in STILL))] = 1e-21
            masks["quality/injections/Inj"][slice(*INJECTED)] = 2
        for first, last in spans:
            path = folder / f"{ifo[0]}-{ifo}_GWOSC_O3a_4KHZ_R1-{START + first}-{last - first}.hdf5"
            with h5py.File(path, "w") as file:
                file["meta/Detector"] = ifo
                file["strain/Strain"] = data[first * RATE : last * RATE]
                file["strain/Strain"].attrs.update({"Xstart": START + first, "Xspacing": 1 / RATE})
                for name, bits in MASKS.items():
                    file[f"{name}mask"] = masks[name][first:last]
                    file[f"{name}Shortnames"] = np.array(bits, dtype="S")


def run_line(line: str, tree: Path, folder: Path) -> None:
    """Run one line in a folder, with the code of a tree; one that fails ends everything."""
    done = run_code(tree, f"-m aframe_data {line}", folder)
    if done.returncode:
        raise SystemExit(f"With {tree}, this fails:\n{line}\n{done.stdout}{done.stderr}")


def require_own_code(tree: Path, folder: Path) -> None:
    """Check that a tree's own code runs: an installation may come before it."""
    code = "import aframe_data as a, aframe_data_priors as b, aframe_data_plugins.simulated as c; "
    done = run_code(tree, f"-c {shlex.quote(code + 'print(a.__file__, b.__file__, c.__file__)')}", folder)
    if done.returncode or not all(Path(path).is_relative_to(tree) for path in done.stdout.split()):
        raise SystemExit(f"What would run is not the code of {tree}:\n{done.stdout}{done.stderr}")


def run_code(tree: Path, arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run Python with what a shell makes of the arguments."""
    path = os.pathsep.join(str(tree / room) for room in ("", "plugins", "priors"))
    line, environment = f"{shlex.quote(sys.executable)} {arguments}", {**os.environ, "PYTHONPATH": path}
    return subprocess.run(line, shell=True, cwd=folder, env=environment, text=True, capture_output=True, check=False)


def compare_folders(old: Path, new: Path) -> int:
    """Compare all files of two folders, print a line for each, and return the exit code."""
    names = [{str(path.relative_to(side)) for path in side.rglob("*") if path.is_file()} for side in (old, new)]
    wrong = 0
    for name in sorted(names[0] | names[1]):
        if name not in names[0] & names[1]:
            differences, told = [name], f"only of the {'old' if name in names[0] else 'new'} tree"
        else:
            ours, theirs = (read(side / name) for side in (old, new))
            differences, notes = compare(ours, theirs)
            count = sum("@" not in item for item in ours.keys() & theirs.keys())
            told = f"{count:3d} datasets  {'; '.join(differences) or 'equal'}"
            told += "".join(f" (note: {note})" for note in notes)
        wrong += bool(differences)
        print(f"{name:40s}{told}")
    print(f"{len(names[0] | names[1])} files, {wrong} of them not the same")
    return 1 if wrong else 0


def read(path: Path) -> dict[str, Array]:
    """Read all datasets and their attributes, NAME@ATTRIBUTE, or the lines of a text behind its first one."""
    if path.suffix != ".hdf5":
        return {"lines": np.array(path.read_text(encoding="utf-8").splitlines()[1:])}
    found: dict[str, Array] = {}

    def collect(name: str, item: h5py.HLObject) -> None:
        found.update({f"{name}@{key}": np.asarray(value) for key, value in item.attrs.items()})
        if isinstance(item, h5py.Dataset):
            found[name] = np.asarray(item[()])

    with h5py.File(path) as file:
        collect("", file)
        file.visititems(collect)
    return {name: values for name, values in found.items() if name not in UNLIKE}


def compare(old: dict[str, Array], new: dict[str, Array]) -> tuple[list[str], list[str]]:
    """Tell what differs, and what is only to be noted."""
    differences: list[str] = []
    notes: list[str] = []
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            (notes if name.startswith("provenance/") else differences).append(f"{name} is gone")
        elif name not in old:
            (notes if name.startswith(ADDITIONS) else differences).append(f"{name} is new")
        elif told := difference(old[name], new[name]):
            differences.append(f"{name}: {told}")
    return differences, notes


def difference(old: Array, new: Array) -> str:
    """Tell how two arrays differ, to the last bit; empty if they do not."""
    told = ""
    if (old.dtype, old.shape) != (new.dtype, new.shape):
        told = f"{old.dtype} of shape {old.shape}, now {new.dtype} of shape {new.shape}"
    else:
        ours, theirs = np.ravel(old), np.ravel(new)
        if not old.dtype.hasobject:  # NaN equals NaN, and 0 is not -0
            ours, theirs = (values.view(f"V{old.itemsize}") for values in (ours, theirs))
        if different := np.count_nonzero(ours != theirs):
            told = f"{different} of {old.size} values"
    return f"{told} ({old.tolist()}, now {new.tolist()})" if told and max(old.size, new.size) < 4 else told


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
