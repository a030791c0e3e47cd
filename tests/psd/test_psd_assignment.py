"""Which of the noise that is given is whose."""

from __future__ import annotations

import numpy as np
import pytest
from given_noise import find, load, spectra_file

from aframe_data.errors import UsageError
from aframe_data.injections.noise import given_texts
from aframe_data.psd.sources import assign
from aframe_data.requests.signals import noise_given


def test_what_was_found_is_what_is_loaded(strain_file, tmp_path):
    spectra = spectra_file(tmp_path, np.full(400, 1e-46), ifos=("L1",))
    given = [f"H1={strain_file}", f"L1={spectra}", "aLIGOZeroDetHighPower"]
    ifos = ("H1", "L1", "V1")
    loaded = load(*given, ifos=ifos)
    found = find(*given, ifos=ifos)
    assert list(found) == list(loaded.ifos)
    for ifo, source in found.items():
        np.testing.assert_array_equal(source.load(), loaded.of(ifo))
        assert source.record == loaded.record[ifo]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["a"], {"H1": "a", "L1": "a"}),
        ("a", {"H1": "a", "L1": "a"}),
        (["a", "L1=b"], {"H1": "a", "L1": "b"}),
        (["L1=b", "H1=c=d"], {"H1": "c=d", "L1": "b"}),
        ({"H1": "a", "L1": "b"}, {"H1": "a", "L1": "b"}),
    ],
)
def test_what_names_no_interferometer_serves_all_others(given, expected):
    assert assign(given_texts(noise_given(given)), ("H1", "L1")) == expected


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["a", "b"], "two PSDs for every interferometer: 'a' and 'b'; write H1=a"),
        (["H1=a", "H1=b"], "two PSDs for H1: 'a' and 'b'"),
        (["H1=a"], "no PSD was given for L1: add L1=FILE or L1=CURVE"),
        ([], "no PSD was given for H1, L1: add H1=FILE"),
        (["a", "V1=b"], "a PSD was given for V1; the interferometers are H1, L1"),
        (["H1=a", "L1=b", "c"], "PSD 'c' is not used"),
    ],
)
def test_each_interferometer_has_exactly_one(given, message):
    with pytest.raises(UsageError, match=message):
        assign(given, ("H1", "L1"))
