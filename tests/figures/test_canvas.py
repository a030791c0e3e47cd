"""Pictures are files like others: whole or not there, the same twice, and of a kind that was asked for."""

from __future__ import annotations

import errno
import re
import subprocess
import sys
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from aframe_data.checks import PICTURE_FORMATS, require_picture_format
from aframe_data.errors import AframeDataError, UsageError
from plugin_factory import run_python

if TYPE_CHECKING:
    from pathlib import Path

BEGINNINGS = {"pdf": b"%PDF-", "png": b"\x89PNG\r\n\x1a\n", "svg": b"<?xml"}


def draw(path: Path, label: str = "x") -> bytes:
    from aframe_data.figures.canvas import drawing

    with drawing(path, 3, 2, layout="constrained") as figure:
        axes = figure.add_subplot()
        axes.plot([1, 2], [1, 3])
        axes.set_xlabel(label)
    return path.read_bytes()


@pytest.mark.parametrize("kind", PICTURE_FORMATS)
def test_the_suffix_says_the_format(tmp_path: Path, kind: str) -> None:
    assert require_picture_format(tmp_path / f"a.b.{kind.upper()}") == kind
    assert draw(tmp_path / f"a.{kind.upper()}").startswith(BEGINNINGS[kind])


@pytest.mark.parametrize("kind", PICTURE_FORMATS)
def test_the_same_data_gives_the_same_bytes_another_day(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = draw(tmp_path / f"first.{kind}")
    # The day that matplotlib puts into files, where it puts one.
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    assert draw(tmp_path / f"second.{kind}") == first
    assert draw(tmp_path / f"third.{kind}", "y") != first


def test_a_users_own_settings_do_not_reach_a_picture(tmp_path: Path) -> None:
    import matplotlib as mpl

    first = draw(tmp_path / "first.png")
    with mpl.rc_context({"lines.linewidth": 9, "axes.facecolor": "black", "savefig.dpi": 30}):
        assert draw(tmp_path / "second.png") == first
        assert mpl.rcParams["lines.linewidth"] == 9


@pytest.mark.parametrize("name", ["psd", "psd.", "psd.hdf5", "psd.jpeg", "png", ".png", "psd.png.txt"])
def test_another_format_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    from aframe_data.figures.canvas import drawing

    with pytest.raises(UsageError, match=r"must end in one of \.pdf, \.png, \.svg\.$") as caught:
        require_picture_format(tmp_path / name)
    assert "\n" not in str(caught.value)
    with pytest.raises(UsageError), drawing(tmp_path / name, 3, 2):
        pytest.fail("the work was begun")
    assert not list(tmp_path.iterdir())


def test_an_error_in_a_drawing_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    import matplotlib as mpl

    from aframe_data.figures.canvas import drawing

    path = tmp_path / "psd.png"
    path.write_bytes(b"old")
    before = dict(mpl.rcParams.copy())
    with pytest.raises(ZeroDivisionError), drawing(path, 3, 2):
        raise ZeroDivisionError
    assert [(found.name, found.read_bytes()) for found in tmp_path.iterdir()] == [("psd.png", b"old")]
    assert dict(mpl.rcParams.copy()) == before


@pytest.mark.slow
def test_a_file_that_cannot_grow_is_told_and_is_not_there(tmp_path: Path) -> None:
    code = """
    import pathlib, resource, sys
    from aframe_data.errors import AframeDataError
    from aframe_data.figures.canvas import drawing
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    try:
        with drawing(pathlib.Path(sys.argv[1]), 3, 2) as figure:
            figure.add_subplot()
    except AframeDataError as error:
        sys.stdout.write(str(error))
    """
    done = subprocess.run(
        [sys.executable, "-c", dedent(code), str(tmp_path / "a.png")], capture_output=True, text=True, check=False
    )
    assert done.stdout == f"cannot write {tmp_path / 'a.png'}: File too large. Nothing was left under that name."
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    from aframe_data.figures.canvas import drawing

    with pytest.raises(AframeDataError, match="No such file") as caught, drawing(tmp_path / "no" / "a.png", 3, 2):
        pass
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno == errno.ENOENT


def test_interferometers_have_the_colours_of_the_field_and_unknown_ones_differ() -> None:
    from aframe_data.figures.canvas import ifo_colours

    colours = ifo_colours(("H1", "L1", "V1", "X1", "Y1"))
    assert (colours["H1"], colours["L1"], colours["V1"]) == ("#ee0000", "#4ba6ff", "#9b59b6")
    assert len(set(colours.values())) == 5


@pytest.mark.slow
def test_the_package_does_not_import_matplotlib_nor_do_pictures_import_pyplot() -> None:
    done = run_python("""
    import sys, aframe_data, aframe_data.cli.app
    assert "aframe_data.figures" not in sys.modules
    assert "matplotlib" not in sys.modules
    import aframe_data.figures
    assert "matplotlib" not in sys.modules
    import aframe_data.figures.parameters, aframe_data.figures.psd, aframe_data.figures.segments
    import aframe_data.figures.signals, aframe_data.figures.strain, aframe_data.figures.waveforms
    assert "matplotlib" in sys.modules
    assert "matplotlib.pyplot" not in sys.modules
    """)
    assert done.returncode == 0, done.stderr


def test_a_picture_in_a_page_has_the_pages_colours_and_ids_of_its_own() -> None:
    from aframe_data.figures import canvas

    first, second, again = canvas.PagePicture("a"), canvas.PagePicture("b"), canvas.PagePicture("a")
    for place in (first, second, again):
        with canvas.drawing(place, 2, 2) as figure:
            axes = figure.add_subplot()
            axes.plot([0, 1], [0, 1], color=canvas.ACCEPTED)
            axes.set_xlabel("$x$")
    assert first.svg == again.svg
    assert first.svg.startswith("<svg")
    assert "var(--accepted)" in first.svg
    assert "currentColor" in first.svg
    assert not re.search(r"#(000000|ffffff|00695c)\b", first.svg)
    ids = [{*re.findall(r'\bid="([^"]*)"', place.svg)} for place in (first, second)]
    assert ids[0]
    assert not ids[0] & ids[1]


@pytest.mark.slow
def test_logarithmic_scales_that_somebody_registered_are_not_drawn_with_and_are_put_back(tmp_path: Path) -> None:
    """As gwpy does when it is imported."""
    done = run_python(f"""
    import pathlib
    from matplotlib import scale
    from aframe_data.figures.canvas import drawing
    own = scale.LogScale
    class Others(own):
        pass
    scale.register_scale(Others)
    with drawing(pathlib.Path({str(tmp_path / "a.svg")!r}), 3, 2) as figure:
        axis = figure.add_subplot().yaxis
        assert type(scale.scale_factory("log", axis)) is own
    assert type(scale.scale_factory("log", axis)) is Others
    """)
    assert done.returncode == 0, done.stderr
