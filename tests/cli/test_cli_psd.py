"""``aframe-data psd``: what a user sees, and what is refused."""

from __future__ import annotations

import pytest

from psd_strain import START, noise, write_strain


@pytest.fixture
def strain(tmp_path, monkeypatch):
    """Two background files, in the folder that the command runs in."""
    monkeypatch.chdir(tmp_path)
    for start, seconds in ((START, 60), (START + 100, 40)):
        write_strain(tmp_path / "background", {"H1": noise(seconds), "L1": noise(seconds, seed=1)}, start=start)
    return sorted(path.relative_to(tmp_path) for path in (tmp_path / "background").iterdir())


def test_files_become_one_file_and_the_same_command_has_nothing_to_do(cli, strain, tmp_path):
    command = ("psd", *strain, "-o", "psd.hdf5", "--fft_length", "4")
    done = cli(*command)
    assert (done.code, done.err) == (0, "")
    assert "median of 48 segments, written to psd.hdf5" in done.out
    assert done.out.count("/sqrt(Hz) at ") == 2
    assert "psd.hdf5 already exists, made by the same command and intact: nothing to do" in cli(*command).out
    assert cli("inspect", "psd.hdf5").code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["background", "psd.hdf5"]


def test_background_in_a_renamed_folder_is_the_same(cli, strain, tmp_path):
    assert cli("psd", *strain, "-o", "psd.hdf5").code == 0
    (tmp_path / "background").rename(tmp_path / "moved")
    again = cli("psd", "moved", "-o", "psd.hdf5")
    assert (again.code, again.err) == (0, "")
    assert "psd.hdf5 already exists, made by the same command and intact: nothing to do" in again.out


def test_a_dry_run_says_what_would_be_done(cli, strain, tmp_path):
    said = cli("psd", *strain, "-o", "out/psd.hdf5", "--ifos", "L1", "--dry-run", "--plot", "psd.png")
    assert said.code == 0
    assert "Would estimate the PSD of L1 from 2 files with 100 s, the median of 23 segments of 8 s each" in said.out
    assert "into out/psd.hdf5: 8.2 kB" in said.out
    assert "Would draw psd.png" in said.out
    assert [path.name for path in tmp_path.iterdir()] == ["background"]
    cli("psd", *strain, "-o", "psd.hdf5")
    again = cli("psd", *strain, "-o", "psd.hdf5", "--dry-run")
    assert "psd.hdf5 already exists; nothing would be done" in again.out


@pytest.mark.slow
def test_a_picture_is_drawn_and_never_replaced_unasked(cli, strain, tmp_path):
    pytest.importorskip("matplotlib")
    command = ("psd", *strain, "-o", "psd.hdf5", "--plot", "plots/psd.png")
    assert "drawn in plots/psd.png" in cli(*command).out
    picture = tmp_path / "plots" / "psd.png"
    assert picture.read_bytes().startswith(b"\x89PNG")
    picture.write_bytes(b"precious")
    assert "plots/psd.png already exists; --overwrite draws it again" in cli(*command).out
    refused = cli("psd", *strain, "-o", "other.hdf5", "--plot", "plots/psd.png")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "'plots/psd.png' exists already. --overwrite replaces it." in refused.err
    assert picture.read_bytes() == b"precious"
    assert not (tmp_path / "other.hdf5").exists()
    assert cli(*command, "--overwrite").code == 0
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "psd.hdf5", "--plot", "psd.gif"], "cannot draw 'psd.gif'"),
        (["-o", "psd.png", "--plot", "psd.png"], "--plot 'psd.png' is one of the command's other files"),
        (["-o", "psd.hdf5", "--fft-length", "60"], "has 40 s of strain, less than the 60 s of one FFT"),
        (["-o", "psd.hdf5", "--fft-length", "long"], "fft_length = 'long' is not a finite number"),
        (["-o", "psd.hdf5", "--ifos", "V1"], "holds H1, L1, not V1: see --ifos"),
        (["-o", "psd.hdf5", "nothing.hdf5"], "cannot read 'nothing.hdf5': No such file"),
        (["-o", "psd.hdf5", "."], "where every .hdf5 file is read as background: name another folder"),
        (["-o", "background"], "cannot write 'background': a folder is there"),
        ([], "Missing option '-o' / '--output' / '--output-file'"),
        (["-o", "psd.hdf5", "--fft-lenght", "4"], "No such option"),
    ],
)
def test_what_is_wrong_is_one_line_before_any_work(cli, strain, tmp_path, arguments, message):
    refused = cli("psd", *strain, *arguments)
    assert refused.code == 2
    assert message in refused.err
    assert refused.err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["background"]


@pytest.mark.usefixtures("strain")
def test_no_files_are_refused(cli):
    assert "Missing argument 'FILES...'" in cli("psd", "-o", "psd.hdf5").err


def test_every_message_is_in_the_log_file_too(cli, strain, tmp_path):
    cli("psd", *strain, "-o", "psd.hdf5", "--ifos", "V1", "--log-file", "psd.log")
    assert "not V1: see --ifos" in (tmp_path / "psd.log").read_text()
