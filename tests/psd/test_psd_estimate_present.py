"""An estimate that is there already: known again by content, and never replaced unasked."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from aframe_data import estimate_psd
from aframe_data.errors import OutputExistsError
from aframe_data.formats import background, psd
from aframe_data.formats import record as records
from aframe_data.requests.psd import EstimatePsd
from aframe_data.store import identity
from aframe_data.work.carry_out import forecast
from aframe_data.work.inline import Inline
from aframe_data.work.plan import Work
from psd_strain import START, noise, write_strain


def write_foreign(path, strain, *, start=START, rate=256):
    """Strain as gwpy and Aframe's own scripts write it: no hash, no provenance."""
    with h5py.File(path, "w") as file:
        for ifo, samples in strain.items():
            file[ifo] = samples
            file[ifo].attrs.update({"x0": float(start), "dx": 1 / rate, "xunit": "s", "unit": "strain", "name": ifo})
    return path


def test_the_same_request_finds_its_work_done(files, tmp_path):
    output = tmp_path / "psd.hdf5"
    first = estimate_psd(files=files, output_file=output, fft_length=4)
    before = output.stat().st_mtime_ns
    again = estimate_psd(files=list(reversed(files)), output_file=output, fft_length=4, ifos=["L1", "H1"])
    assert again.present
    assert output.stat().st_mtime_ns == before
    np.testing.assert_array_equal(again.spectra.values, first.spectra.values)


def as_version_0_1_0_wrote_it(path):
    """Leave of a record what that version knew of: no identity, other versions, other paths."""
    with h5py.File(path, "r+") as file:
        record = records.read(file)
        del record["identity"]
        record |= {"version": "0.1.0", "packages": {"scipy": "1.0"}}
        record["arguments"] |= {"files": ["/gone.hdf5"], "fft_length": 4}
        for strain in record["strain"]:
            strain["path"] = "/gone.hdf5"
        file.attrs["provenance"] = identity.encode(record)
        del file.attrs["df"]


@pytest.mark.parametrize("change", [lambda _: None, as_version_0_1_0_wrote_it], ids=["now", "0.1.0"])
def test_an_estimate_is_known_again_by_content_and_not_by_path(files, tmp_path, change):
    output = tmp_path / "psd.hdf5"
    first = estimate_psd(files=files, output_file=output, fft_length=4)
    change(output)
    before = output.read_bytes()
    files[0].parent.rename(tmp_path / "renamed")
    moved = [(tmp_path / "renamed" / file.name).rename(tmp_path / f"{number}.h5") for number, file in enumerate(files)]
    again = estimate_psd(files=moved, output_file=output, fft_length=4)
    assert (again.present, again.segments) == (True, 48)
    np.testing.assert_array_equal(again.spectra.values, first.spectra.values)
    with pytest.raises(OutputExistsError, match="holds something else"):
        estimate_psd(files=moved[:1], output_file=output, fft_length=4)
    assert output.read_bytes() == before


def test_a_file_without_a_hash_is_known_by_its_samples(tmp_path):
    strain = {"H1": noise(60), "L1": noise(60, seed=1)}
    request = {"output_file": tmp_path / "psd.hdf5", "fft_length": 4}
    estimate_psd(files=write_foreign(tmp_path / "foreign.hdf5", strain), **request)
    ours = write_strain(tmp_path / "background", strain)
    with h5py.File(ours) as file:
        written = file.attrs["content_sha256"]
    record = psd.read_record(tmp_path / "psd.hdf5")
    assert record["identity"]["strain"] == [{"span": [START, START + 60], "content_sha256": written}]
    assert estimate_psd(files=ours, **request).present
    with h5py.File(tmp_path / "foreign.hdf5", "a") as file:
        file["L1"][0] += 1e-22
    with pytest.raises(OutputExistsError, match="another set of files"):
        estimate_psd(files=tmp_path / "foreign.hdf5", **request)


def test_samples_are_not_read_to_tell_what_would_be_done(tmp_path, monkeypatch):
    foreign = write_foreign(tmp_path / "foreign.hdf5", {"H1": noise(60)})
    monkeypatch.setattr(background, "_blocks", lambda _: pytest.fail("samples were read"))
    monkeypatch.setattr(background, "read_samples", lambda *_: pytest.fail("samples were read"))
    said = forecast(EstimatePsd(files=foreign, output_file=tmp_path / "psd.hdf5"), Work(Inline()))
    assert said.segments == 14


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"fft_length": 2}, r"holds something else \(fft_length = 4, not 2; another set of files"),
        ({"ifos": ["H1"]}, r"ifos = H1,L1, not H1"),
    ],
)
def test_another_request_does_not_replace_it_unasked(files, tmp_path, settings, message):
    output = tmp_path / "psd.hdf5"
    estimate_psd(files=files, output_file=output, fft_length=4)
    request = {"files": files, "output_file": output, "fft_length": 4, **settings}
    with pytest.raises(OutputExistsError, match=message):
        estimate_psd(**request)
    assert not estimate_psd(**request, overwrite=True).present
    assert estimate_psd(**request).present


def test_other_strain_under_the_same_name_is_another_request(files, tmp_path):
    output = tmp_path / "psd.hdf5"
    estimate_psd(files=files, output_file=output, fft_length=4)
    write_strain(files[0].parent, {ifo: noise(60, seed=7) for ifo in ("H1", "L1")})
    with pytest.raises(OutputExistsError, match="holds something else"):
        estimate_psd(files=files, output_file=output, fft_length=4)


@pytest.mark.parametrize("content", [b"precious", None])
def test_what_is_no_estimate_of_ours_is_not_replaced(files, tmp_path, content):
    output = tmp_path / "psd.hdf5"
    if content is None:
        estimate_psd(files=files, output_file=output, fft_length=4)
        with h5py.File(output, "a") as file:
            file["H1"][5] = 1.0
    else:
        output.write_bytes(content)
    before = output.read_bytes()
    with pytest.raises(OutputExistsError, match="--overwrite replaces it"):
        estimate_psd(files=files, output_file=output, fft_length=4)
    assert output.read_bytes() == before
