"""``aframe-data inspect``: what people and machines are told, and a picture of each kind of file."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from aframe_data.formats import background, ledger, psd, segwizard
from aframe_data.types import PowerSpectra, Segment

START = 1240579783
RECORD = {"software": "aframe-data", "version": "0.1.0", "command": "fetch", "arguments": {}}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def strain(folder):
    path = folder / f"background-{START}-32.hdf5"
    log = {"channel": "H1", "native_sample_rate": 4096.0, "pieces": [{"source": "gwosc", "start": 0, "stop": 1}]}
    filled = [
        {"ifo": "H1", "start": START + 2 * second, "stop": START + 2 * second + 1, "reason": "missing data"}
        for second in range(7)
    ]
    with background.create(
        path, ifos=["H1"], segment=Segment(START, START + 32), sample_rate=256, dtype="float64"
    ) as writer:
        writer.append("H1", 1e-21 * np.random.default_rng(1).standard_normal(32 * 256))
        writer.annotate("H1/quality", np.array([3] * 12 + [1] * 20, dtype=np.uint32))
        writer.annotate("H1/quality_bits", ["DATA", "CBC_CAT1", "CBC_CAT2"])
        writer.describe({"H1": "H1"}, RECORD | {"strain": {"H1": log}, "filled": filled})
    return Path(path.name)


@pytest.fixture
def signals(folder):
    """Signals in a detector, of one that grows and stops."""
    path = folder / "val_waveforms.hdf5"
    attributes = {"sample_rate": 512.0, "duration": 2.0, "right_pad": 0.5, "num_injections": 50, "ifos": ("H1",)}
    rng = np.random.default_rng(1)
    parameters = {"mass_1": rng.uniform(40, 60, 10), "mass_2": rng.uniform(20, 40, 10), "snr": rng.uniform(4, 9, 10)}
    wave = np.where(np.arange(1024) < 768, 1e-22 * np.sin(np.linspace(0, 12, 1024) ** 2), 0)
    layout = ledger.Layout(10, attributes, {**dict.fromkeys(parameters, ()), "ifo_snrs": (1,)}, {"h1": 1024})
    with ledger.create(path, layout) as writer:
        writer.append({**parameters, "ifo_snrs": parameters["snr"][:, np.newaxis]}, {"h1": np.tile(wave, (10, 1))})
        writer.finish(RECORD | {"arguments": {"acceptance": {"snr_threshold": 4.0}}})
    return Path(path.name)


@pytest.fixture
def spectra(folder):
    values = np.full((2, 1025), 4e-46)
    psd.write_spectra(folder / "psd.hdf5", PowerSpectra(("H1", "L1"), np.arange(1025) / 8, values), RECORD)
    return Path("psd.hdf5")


@pytest.fixture
def segments(folder):
    flag = {"flag": "H1_DATA", "source": "gwosc", "origin": "here", "active": 300.0, "known": 400.0, "excluded": False}
    record = {
        **RECORD,
        "command": "query",
        "arguments": {"start": START, "end": START + 500},
        "flags": [flag, *[{**flag, "flag": "H1:VETO", "excluded": True}] * 6],
        "events": [{"name": "GW", "gps": START + 250.5}],
    }
    found = [Segment(START, START + 100), Segment(START + 300, START + 500)]
    segwizard.write_segments(folder / "segments.txt", found, record)
    return Path("segments.txt")


def table(text: str) -> dict[str, str]:
    """Names and values of a printed table."""
    return dict(line.split("\t") for line in text.splitlines() if "\t" in line)


def test_a_person_is_told_the_facts_of_strain_with_their_units(cli, strain):
    done = cli("inspect", strain)
    assert (done.code, done.err) == (0, "")
    told = table(done.out)
    assert told["span"] == "1240579783 to 1240579815"
    assert told["start_utc"] == "2019-04-29 13:29:25 UTC"
    assert (told["duration (s)"], told["sample_rate (Hz)"]) == ("32", "256")
    assert told["strain, H1, native_sample_rate (Hz)"] == "4096"
    assert told["strain, H1, pieces, gwosc"] == "1"
    assert told["strain, H1, smallest_asd"].endswith(" Hz")
    assert told["quality, H1"] == "set throughout: DATA; for 12 s of 32 s: CBC_CAT1; never: CBC_CAT2"
    assert told["filled (s)"] == "7 in 7 spans"
    assert "H1 1240579785 to 1240579786: missing data" in done.out
    assert "and 2 more: --json shows all" in done.out
    assert told["content"] == "as written"


def test_a_person_is_told_the_facts_of_the_other_kinds(cli, signals, spectra, segments):
    told = table(cli("inspect", signals).out)
    assert told["waveforms, h1"] == "10 x 1024, float32"
    assert told["mass_1"].count(" to ") == 1
    assert ", median " in told["snr, network"]
    told = table(cli("inspect", spectra).out)
    assert told["spectra, H1, frequencies (Hz)"] == "0 to 128 in steps of 0.125"
    assert told["spectra, L1, smallest_asd"] == "2e-23 /sqrt(Hz) at 20 Hz"
    told = table(cli("inspect", segments).out)
    assert told["livetime (s)"] == "300"
    assert told["flag H1:VETO"] == "active for 300 s of 400 s known, from gwosc, excluded"
    assert told["flag H1_DATA"] == "active for 300 s of 400 s known, from gwosc"


@pytest.mark.parametrize("kind", ["strain", "signals", "spectra", "segments"])
def test_a_machine_is_told_numbers(cli, request, kind):
    file = request.getfixturevalue(kind)
    told = json.loads(cli("inspect", file, "--json").out)
    assert (told["sound"], told["problems"], told["intact"]) == (True, [], True)

    def texts(value, name=""):
        if isinstance(value, dict):
            return [text for key, item in value.items() for text in texts(item, key)]
        if isinstance(value, list):
            return [text for item in value for text in texts(item, name)]
        return [name] if isinstance(value, str) else []

    del told["provenance"]
    assert {*texts(told)} <= {"kind", "ifos", "start_utc", "dtype", "channel", "ifo", "reason", "source", "flag"}


@pytest.mark.parametrize(
    "kind", [*(pytest.param(kind, marks=pytest.mark.slow) for kind in ("strain", "signals", "spectra")), "segments"]
)
def test_a_picture_of_each_kind_is_drawn_and_never_replaced_unasked(cli, request, kind):
    file, picture = request.getfixturevalue(kind), Path("plots/look.png")
    done = cli("inspect", file, "--plot", picture)
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith("drawn in plots/look.png\n")
    drawn = picture.read_bytes()
    assert drawn.startswith(b"\x89PNG")
    picture.write_bytes(b"precious")
    refused = cli("inspect", file, "--plot", picture)
    assert (refused.code, refused.out, refused.err.count("\n")) == (2, "", 1)
    assert "'plots/look.png' exists already. --overwrite replaces it." in refused.err
    assert picture.read_bytes() == b"precious"
    assert cli("inspect", file, "--plot", picture, "--overwrite").code == 0
    assert picture.read_bytes() == drawn


@pytest.mark.slow
def test_parameters_of_signals_are_another_picture(cli, signals):
    for name, more in (("waves.png", []), ("corner.png", ["--parameters"])):
        assert cli("inspect", signals, "--plot", name, *more).code == 0
    assert Path("waves.png").read_bytes() != Path("corner.png").read_bytes()
    with h5py.File(signals, "a") as file:
        del file["waveforms"]
    # Of a file without waveforms there is no other, and its content is not as it was written.
    assert cli("inspect", signals, "--plot", "again.png").code == 1
    assert Path("again.png").read_bytes() == Path("corner.png").read_bytes()


@pytest.mark.slow
def test_json_is_not_spoilt_by_a_picture(cli, segments):
    assert json.loads(cli("inspect", segments, "--json", "--plot", "a.pdf").out)["kind"] == "segments"
    assert Path("a.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.slow
def test_strain_with_problems_is_drawn_as_well(cli, strain):
    with h5py.File(strain, "a") as file:
        file["H1"][1000:1500] = np.nan
    done = cli("inspect", strain, "--plot", "a.png")
    assert done.code == 1
    assert "problem: 500 samples of H1 are not finite" in done.out
    assert Path("a.png").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--plot", "a.gif"], "cannot draw 'a.gif'"),
        (["--parameters"], "--parameters needs --plot"),
        (["--parameters", "--plot", "a.png"], "'segments.txt' has no parameters of signals to draw"),
        (["--plot", "segments.txt/a.png"], "cannot write to the folder 'segments.txt'"),
        (["--plt", "a.png"], "No such option"),
        (["psd.hdf5"], "unexpected argument"),
    ],
)
def test_what_is_wrong_is_one_line_before_any_work(cli, segments, folder, arguments, message):
    refused = cli("inspect", segments, *arguments)
    assert (refused.code, refused.out, refused.err.count("\n")) == (2, "", 1)
    assert message in refused.err
    assert [path.name for path in folder.iterdir()] == ["segments.txt"]


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("nothing", 2, "cannot read 'nothing': No such file"),
        ("empty.txt", 2, "'empty.txt' holds no segments: there is nothing to draw"),
        ("prose.txt", 2, "is not a segment"),
        ("cut.hdf5", 1, "damaged"),
        ("none.hdf5", 2, "'none.hdf5' holds no signals: there is nothing to draw"),
        ("bare.hdf5", 1, "bare.hdf5 cannot be drawn: its root has no attribute sample_rate or duration or right_pad"),
    ],
)
def test_what_cannot_be_drawn_is_told_and_leaves_no_picture(cli, name, code, message):
    Path("empty.txt").write_text("# seg\tstart\tstop\tduration\n")
    Path("prose.txt").write_text("hello\n")
    Path("cut.hdf5").write_bytes(b"\x89HDF\r\n\x1a\n")
    for ledger_file, length in (("none.hdf5", 0), ("bare.hdf5", 1)):
        with ledger.create(Path(ledger_file), ledger.Layout(length, {}, {"mass_1": ()}, {"h1": 8})) as writer:
            if length:
                writer.append({"mass_1": np.ones(1)}, {"h1": np.ones((1, 8))})
            writer.finish(RECORD)
    refused = cli("inspect", name, "--plot", "a.png")
    assert (refused.code, refused.err.count("\n")) == (code, 1)
    assert message in refused.err
    assert not Path("a.png").exists()
