"""What the built-in priors say of themselves, without importing anything slow, and that it is true."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from aframe_data.errors import UsageError
from aframe_data.plugin.binary import BASE_PARAMETERS
from aframe_data.plugin.options import option_specs
from aframe_data.plugin.protocols import Prior
from aframe_data.plugin.values import resolve
from aframe_data.registry.choice import choose
from aframe_data.registry.sources import require_parameters
from aframe_data_priors import register_priors
from aframe_data_priors.options import COSMOLOGIES

if TYPE_CHECKING:
    from aframe_data.plugin.records import PriorProvider

RECORDS = {record.name: record for record in register_priors()}
POPULATIONS = [record for record in RECORDS.values() if record.pattern is None]
REQUIRED = {"gaussian_masses": {"m1": 35, "m2": 30}, "log_normal_masses": {"m1": 35, "m2": 30}}


def make(record: PriorProvider, **options: object) -> Prior:
    module_name, _, class_name = record.load.partition(":")
    cls = getattr(import_module(module_name), class_name)
    values = REQUIRED.get(record.name, {}) | options
    return cls() if record.options is None else cls(resolve(record.options, values, owner=record.name))


def test_these_priors_are_built_in() -> None:
    assert list(RECORDS) == [
        "end_o3_ratesandpops",
        "end_o3_ratesandpops_bns",
        "nonspin_bbh",
        "spin_bbh",
        "gaussian_masses",
        "log_normal_masses",
        "ringdown",
        "uniform_extrinsic",
        "uniform_spin",
        "bilby-file",
        "parameter-file",
        "bilby-callable",
    ]


def test_importing_the_records_imports_nothing_slow() -> None:
    code = (
        "import sys, aframe_data_priors; list(aframe_data_priors.register_priors());"
        "print([name for name in ('bilby', 'numpy', 'astropy', 'scipy', 'lal', 'h5py') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


@pytest.mark.parametrize("record", POPULATIONS, ids=lambda record: record.name)
def test_a_record_agrees_with_the_prior_behind_it(record: PriorProvider) -> None:
    prior = make(record)
    assert isinstance(prior, Prior)
    assert sorted(prior.parameters) == sorted(record.parameters)
    assert prior.frame == record.frame
    assert prior.cosmology == "Planck15"


@pytest.mark.parametrize("record", POPULATIONS, ids=lambda record: record.name)
def test_a_prior_is_found_by_the_names_of_the_reference(record: PriorProvider) -> None:
    reference = "ringdown_prior" if record.name == "ringdown" else record.name
    assert {f"priors.priors.{reference}", f"data.priors.priors.{reference}"} <= {*record.aliases}
    assert reference in (record.name, *record.aliases)


def test_frames_are_those_of_the_reference() -> None:
    assert {record.name: record.frame for record in POPULATIONS} == {
        "end_o3_ratesandpops": "source",
        "end_o3_ratesandpops_bns": "source",
        "nonspin_bbh": "detector",
        "spin_bbh": "detector",
        "gaussian_masses": "source",
        "log_normal_masses": "source",
        "ringdown": "detector",
        "uniform_extrinsic": "detector",
        "uniform_spin": "detector",
    }


def test_only_the_ringdown_and_parts_of_populations_cannot_be_used_for_binaries() -> None:
    for record in POPULATIONS:
        if record.name in ("ringdown", "uniform_extrinsic", "uniform_spin"):
            with pytest.raises(UsageError, match=r"does not give mass_1, mass_2, .*redshift"):
                require_parameters(choose("waveforms", "lalsimulation"), record.parameters, record.name)
        else:
            assert sorted(record.parameters) == sorted(BASE_PARAMETERS)


def test_cosmologies_are_those_of_astropy() -> None:
    import astropy.cosmology

    assert set(COSMOLOGIES) == set(astropy.cosmology.available)


@pytest.mark.parametrize("record", [r for r in POPULATIONS if r.options], ids=lambda record: record.name)
def test_the_cosmology_is_an_option_of_every_population_with_a_distance(record: PriorProvider) -> None:
    assert make(record, cosmology="WMAP9").cosmology == "WMAP9"
    with pytest.raises(UsageError, match=r"only one of .*Planck18.*Did you mean .*'Planck15'"):
        make(record, cosmology="Planck16")


@pytest.mark.parametrize("name", ["gaussian_masses", "log_normal_masses"])
def test_masses_are_required_and_positive(name: str) -> None:
    options = RECORDS[name].options
    with pytest.raises(UsageError, match=r"needs --.*-m2"):
        resolve(options, {"m1": 35}, owner=name)
    for wrong in ({"m1": 0}, {"m2": -1}, {"sigma": 0}, {"sigma": "nan"}, {"m1": "inf"}):
        with pytest.raises(UsageError):
            resolve(options, {"m1": 35, "m2": 30} | wrong, owner=name)
    assert resolve(options, {"m1": "35", "m2": 30}, owner=name).sigma == 2


def test_log_normal_masses_warn_of_their_width() -> None:
    record = RECORDS["log_normal_masses"]
    sigma = next(spec for spec in option_specs(record.options) if spec.name == "sigma")
    for text in (record.summary, sigma.help):
        assert "0.3 to 3700" in text


def test_prior_frame_is_a_name_of_the_frame_option() -> None:
    for name, value in (("bilby-file", {"path": "GW150914.prior"}), ("bilby-callable", {"target": "a.b"})):
        assert resolve(RECORDS[name].options, value | {"prior-frame": "source"}, owner=name).frame == "source"
        with pytest.raises(UsageError, match="one of source, detector"):
            resolve(RECORDS[name].options, value | {"frame": "lab"}, owner=name)


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        ("my.prior", "bilby-file"),
        ("../some folder/bbh-1.2.prior", "bilby-file"),
        ("my_package.priors.population", "bilby-callable"),
        ("priors.populations.prior_of_mine", "bilby-callable"),
        ("population", None),
        ("a..b", None),
        ("1.2", None),
        ("folder/module.function", None),
    ],
)
def test_a_text_belongs_to_at_most_one_pattern(text: str, owner: str | None) -> None:
    owners = [name for name, record in RECORDS.items() if record.pattern and re.fullmatch(record.pattern, text)]
    assert owners == ([owner] if owner else [])
