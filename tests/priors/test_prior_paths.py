"""Dotted paths as priors: what can be imported is imported, and a built-in of that name is for where nothing can be."""

from __future__ import annotations

import hashlib
import sys
from typing import TYPE_CHECKING, Any

import pytest

from aframe_data.errors import UsageError
from aframe_data.plugin.code import module_file
from aframe_data.registry.choice import Choice, choose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NAMES = {
    "uniform_extrinsic": "uniform_extrinsic",
    "uniform_spin": "uniform_spin",
    "nonspin_bbh": "nonspin_bbh",
    "spin_bbh": "spin_bbh",
    "end_o3_ratesandpops": "end_o3_ratesandpops",
    "end_o3_ratesandpops_bns": "end_o3_ratesandpops_bns",
    "gaussian_masses": "gaussian_masses",
    "log_normal_masses": "log_normal_masses",
    "ringdown_prior": "ringdown",
}
OPTIONS = {"gaussian_masses": {"m1": 35, "m2": 30}, "log_normal_masses": {"m1": 35, "m2": 30}}
OURS = "priors.priors.nonspin_bbh"

#: As the reference's, edited by its user: heavier than the built-in.
THEIRS = """
from bilby.core.prior import PowerLaw
from bilby.gw.prior import BBHPriorDict

def nonspin_bbh():
    prior = BBHPriorDict()
    for name in ("chirp_mass", "mass_ratio"):
        del prior[name]
    prior["mass_1"] = PowerLaw(alpha=-1, minimum=60, maximum=90)
    prior["mass_2"] = PowerLaw(alpha=-1, minimum=50, maximum=60)
    return prior, True
"""


@pytest.fixture(autouse=True)
def nothing_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "priors"]:
        del sys.modules[name]


def theirs(folder: Path, text: str = THEIRS, *, package: bool = False) -> Path:
    path = folder / "priors" / "priors.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    if package:
        (path.parent / "__init__.py").write_text("raise RuntimeError('looked for, not imported')\n")
    return path


@pytest.mark.parametrize("reference", NAMES)
@pytest.mark.parametrize("prefix", ["", "priors.priors.", "data.priors.priors."])
def test_every_name_of_the_reference_finds_the_built_in_where_there_is_no_such_module(
    reference: str, prefix: str
) -> None:
    choice = choose("prior", prefix + reference, OPTIONS.get(reference))
    assert choice.key == NAMES[reference]
    assert choice.identity == choose("prior", NAMES[reference], OPTIONS.get(reference)).identity


@pytest.mark.parametrize("where", ["working directory", "PYTHONPATH"])
def test_the_users_own_package_wins_over_the_built_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    if where == "PYTHONPATH":
        theirs(tmp_path / "code" / "libs")
        monkeypatch.syspath_prepend(tmp_path / "code" / "libs")
    else:
        theirs(tmp_path)
    import numpy as np

    choice = choose("prior", OURS)
    assert choice.key == "bilby-callable"
    drawn = choice.create().sample(50, np.random.default_rng(1))
    assert drawn["mass_1"].min() >= 60
    assert choose("prior", "nonspin_bbh").key == "nonspin_bbh"


def test_which_was_taken_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    choose("prior", OURS)
    assert caplog.messages == [
        f"prior '{OURS}' is aframe-data's own 'nonspin_bbh': there is no module 'priors.priors'."
    ]
    caplog.clear()
    path = theirs(tmp_path)
    choose("prior", OURS)
    assert caplog.messages == [f"prior '{OURS}' is the function in {path}, not aframe-data's own 'nonspin_bbh'."]
    caplog.clear()
    choose("prior", "nonspin_bbh")
    assert caplog.messages == []


def test_the_identity_is_that_of_the_code(tmp_path: Path) -> None:
    built_in = choose("prior", OURS)
    path = theirs(tmp_path)
    first = choose("prior", OURS)
    assert first.identity != built_in.identity
    assert first.describe()["code"][OURS] == {
        "file": str(path),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    assert choose("prior", OURS).identity == first.identity
    path.write_text(THEIRS.replace("maximum=90", "maximum=95"))
    assert choose("prior", OURS).identity != first.identity


def test_code_is_the_same_wherever_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def there(name: str) -> Choice:
        theirs(tmp_path / name)
        monkeypatch.chdir(tmp_path / name)
        return choose("prior", OURS)

    assert there("a").identity == there("b").identity


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (THEIRS.replace("def nonspin_bbh", "def nonspin_bhb"), "no 'nonspin_bbh' in priors.priors. Did you mean"),
        ("import no_such_package", "cannot be imported: ModuleNotFoundError: No module named 'no_such_package'."),
        ("def nonspin_bbh(:", "cannot be imported: SyntaxError"),
        ("raise RuntimeError('two\\nlines')", "cannot be imported: RuntimeError: two lines."),
        ("nonspin_bbh = 3", "is not a function but int"),
    ],
)
def test_a_module_that_is_there_and_broken_is_told_and_not_replaced(tmp_path: Path, text: str, words: str) -> None:
    theirs(tmp_path, text)
    with pytest.raises(UsageError) as caught:
        choose("prior", OURS).create()
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_of_that_name_is_no_module(tmp_path: Path) -> None:
    (tmp_path / "priors" / "priors").mkdir(parents=True)
    assert choose("prior", OURS).key == "nonspin_bbh"
    (tmp_path / "data" / "priors").mkdir(parents=True)
    assert choose("prior", "data." + OURS).key == "nonspin_bbh"


def test_looking_for_a_module_imports_nothing(tmp_path: Path) -> None:
    path = theirs(tmp_path, package=True)
    before = set(sys.modules)
    assert module_file("priors.priors") == str(path)
    assert module_file("priors.utils") is None
    assert module_file("priors.priors.deeper") is None
    assert module_file("sys") == ""
    assert {name for name in set(sys.modules) - before if name.startswith("priors")} == set()


@pytest.mark.slow
def test_the_command_takes_the_users_own_in_its_workers_and_says_so(cli: Callable[..., Any], tmp_path: Path) -> None:
    import h5py

    from aframe_data.formats import ledger

    path = theirs(tmp_path)
    line = f"training_waveforms --prior {OURS} --num_signals 3 --waveform_duration 2 --sample_rate 1024.0 --right_pad 1"
    line += " --minimum_frequency 40 --seed 1 --workers 1 --output_file w.hdf5"
    done = cli(*line.split())
    assert done.code == 0, done.err
    assert f"is the function in {path}, not aframe-data's own 'nonspin_bbh'" in done.err
    record = ledger.read_record(tmp_path / "w.hdf5")
    assert record["prior"]["name"] == "bilby-callable"
    assert record["prior"]["code"][OURS]["file"] == str(path)
    with h5py.File(tmp_path / "w.hdf5") as file:
        assert file["parameters/mass_2"][:].min() >= 50
    path.write_text(THEIRS.replace("maximum=90", "maximum=95"))
    again = cli(*line.split())
    assert again.code == 2
    assert "another prior" in again.err
