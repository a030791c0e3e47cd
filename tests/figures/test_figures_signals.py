"""The corner plot of accepted against drawn signals, and the law of their SNRs."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from aframe_data.figures import titles
from figures.conftest import CONSTANTS, FULL, THRESHOLD, TWO, accepted_of, png_size, population

if TYPE_CHECKING:
    from collections.abc import Callable

    from aframe_data.types import FloatArray


def size_of(path: Path, accepted: dict[str, FloatArray], drawn: dict[str, FloatArray], **more) -> tuple[int, int]:
    from aframe_data.figures.signals import draw_signals

    draw_signals(path, accepted, drawn, snr_threshold=THRESHOLD, **more)
    assert [found.name for found in path.parent.iterdir()] == [path.name]
    return png_size(path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("constants", "size"), [(CONSTANTS, TWO), pytest.param({}, FULL, marks=pytest.mark.slow)], ids=["two", "full"]
)
def test_a_picture_of_signals_is_the_same_twice(
    tmp_path: Path, constants: dict[str, float], size: tuple[int, int]
) -> None:
    drawn = population(3000, **constants)
    pictures = set()
    for _ in range(2):
        assert size_of(tmp_path / "signals.png", accepted_of(drawn), drawn) == size
        pictures.add((tmp_path / "signals.png").read_bytes())
    assert len(pictures) == 1
    size_of(tmp_path / "signals.png", accepted_of(drawn), drawn, rejected_snr=drawn["snr"][drawn["snr"] < THRESHOLD])
    assert (tmp_path / "signals.png").read_bytes() not in pictures


@pytest.mark.slow
@pytest.mark.parametrize("most", [0, *(pytest.param(most, marks=pytest.mark.slow) for most in (1, 2, 99)), 101])
def test_few_accepted_signals_are_drawn(tmp_path: Path, most: int) -> None:
    drawn = population(5000, **CONSTANTS)
    rejected = drawn["snr"][drawn["snr"] < THRESHOLD]
    assert size_of(tmp_path / "signals.png", accepted_of(drawn, most), drawn, rejected_snr=rejected) == TWO


def test_one_draw_that_is_accepted_has_a_picture_of_its_snr(tmp_path: Path) -> None:
    one = {name: values[:1] for name, values in population(1).items()}
    one["snr"] = np.array([THRESHOLD])
    width, height = size_of(tmp_path / "signals.png", one, one, rejected_snr=np.zeros(0))
    assert width < FULL[0]
    assert height < FULL[1]


@pytest.mark.parametrize(
    ("constants", "panels"),
    [
        pytest.param({"a_1": 0.0, "a_2": 0.0}, 5, marks=pytest.mark.slow),
        pytest.param({"a_1": 0.0, "a_2": 0.0, "dec": 0.3}, 4, marks=pytest.mark.slow),
        pytest.param({"a_1": 0.0, "a_2": 0.0, "dec": 0.3, "theta_jn": 0.0}, 3, marks=pytest.mark.slow),
        ({"a_1": 0.0, "a_2": 0.0, "dec": 0.3, "theta_jn": 0.0, "redshift": 0.1}, 2),
        ({"mass_1": 30.0, "mass_2": 30.0, "a_1": 0.0, "a_2": 0.0, "dec": 0.3, "theta_jn": 0.0}, 1),
    ],
)
def test_what_is_constant_has_no_panel(tmp_path: Path, constants: dict[str, float], panels: int) -> None:
    from aframe_data.figures.quantities import computed, known, varies

    drawn = population(500, **constants)
    quantities = known(set(drawn))
    assert sum(map(varies, computed(drawn, quantities))) == panels
    # From four panels on, each adds 1.45 inches to the height; with fewer the corner is not smaller than 2.9.
    expected = 200 * (max(2.9, 1.45 * panels) + 0.72)
    assert size_of(tmp_path / "signals.png", accepted_of(drawn), drawn)[1] == pytest.approx(expected, abs=2)


def test_equal_masses_that_were_rounded_are_a_constant_mass_ratio() -> None:
    from aframe_data.figures.quantities import QUANTITIES, computed, varies

    mass = np.random.default_rng(2).uniform(5, 80, 1000)
    (ratio,) = (quantity for quantity in QUANTITIES if quantity.label == "$q$")
    assert not varies(*computed({"mass_1": mass, "mass_2": mass / 3 * 3}, [ratio]))


def test_quantities_are_the_fields() -> None:
    from aframe_data.figures.quantities import computed, known

    signal = {"mass_1": 36.0, "mass_2": 29.0, "a_1": 0.5, "a_2": 0.4, "tilt_1": 0.0, "tilt_2": np.pi, "dec": np.pi / 6}
    rows = {name: np.array([value]) for name, value in signal.items()}
    quantities = known(set(rows))
    chirp_mass, ratio, spin, sine = (float(values[0]) for values in computed(rows, quantities))
    # By hand: (36 * 29)^(3/5) / 65^(1/5), and (36 * 0.5 - 29 * 0.4) / 65.
    assert 10**chirp_mass == pytest.approx(28.0956, abs=1e-4)
    assert (ratio, spin, sine) == pytest.approx((29 / 36, 6.4 / 65, 0.5))


@pytest.mark.slow
def test_parameters_that_are_missing_leave_their_panels_out(tmp_path: Path) -> None:
    drawn = population(500)
    del drawn["a_1"], drawn["redshift"]
    assert size_of(tmp_path / "signals.png", accepted_of(drawn), drawn)[1] < FULL[1]


@pytest.mark.slow
def test_many_signals_are_drawn_from_an_even_sample(tmp_path: Path) -> None:
    from aframe_data.figures.quantities import MOST_SIGNALS, QUANTITIES, computed

    drawn = population(1_000_000)
    assert {len(values) for values in computed(drawn, QUANTITIES)} == {MOST_SIGNALS}
    accepted = accepted_of(population(2_000_000, seed=4), 100_000)
    assert len(accepted["snr"]) == 100_000
    assert size_of(tmp_path / "signals.png", accepted, drawn, rejected_snr=drawn["snr"][drawn["snr"] < 4]) == FULL


@pytest.mark.parametrize("outlier", [*(pytest.param(snr, marks=pytest.mark.slow) for snr in (1e-300, 1e4)), 1e9])
def test_outliers_of_the_snr_are_drawn(tmp_path: Path, outlier: float) -> None:
    drawn = population(500, **CONSTANTS)
    accepted = accepted_of(drawn)
    rejected = drawn["snr"][drawn["snr"] < THRESHOLD]
    (accepted["snr"] if outlier > THRESHOLD else rejected)[0] = outlier
    assert size_of(tmp_path / "signals.png", accepted, drawn, rejected_snr=rejected) == TWO


@pytest.fixture
def draw_snr_law() -> Callable[..., None]:
    """What draws the law for the documents."""
    drawer: Callable[..., None] = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks" / "snr_law.py"))[
        "draw_snr_law"
    ]
    return drawer


@pytest.mark.slow
@pytest.mark.parametrize("sizes", [(5000,), (5000, 300, 0, 1, 40)])
def test_the_law_is_drawn_for_populations_of_any_size(
    tmp_path: Path, draw_snr_law: Callable[..., None], sizes: tuple[int, ...]
) -> None:
    rng = np.random.default_rng(5)
    snrs = {f"_{size}$": THRESHOLD / rng.uniform(size=size) ** (1 / 3) for size in sizes}
    for name in ("one.png", "two.png"):
        draw_snr_law(tmp_path / name, snrs, THRESHOLD, title="Euclidean")
    assert png_size(tmp_path / "one.png") == (1120, 1080)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


@pytest.mark.slow
def test_signals_below_the_threshold_do_not_change_the_law(tmp_path: Path, draw_snr_law: Callable[..., None]) -> None:
    snr = population(3000)["snr"]
    draw_snr_law(tmp_path / "all.png", {"x": snr}, THRESHOLD)
    draw_snr_law(tmp_path / "above.png", {"x": snr[snr >= THRESHOLD]}, THRESHOLD)
    assert (tmp_path / "all.png").read_bytes() == (tmp_path / "above.png").read_bytes()


@pytest.mark.slow
def test_panels_have_three_labelled_ticks_away_from_their_neighbours(tmp_path: Path, figures) -> None:
    size_of(tmp_path / "a.png", population(500), population(2000))
    *panels, _ = figures[-1].axes
    for axes in panels:
        low, high = axes.get_xlim()
        ticks = axes.get_xticks()
        assert len(ticks) >= 3
        assert low < ticks.min()
        assert ticks.max() < high


@pytest.mark.parametrize(("number", "contours"), [(60, False), (2000, True)])
@pytest.mark.slow
def test_contours_are_drawn_of_many_signals_only(tmp_path: Path, figures, number: int, *, contours: bool) -> None:
    from matplotlib.contour import ContourSet

    size_of(tmp_path / "a.png", population(number), population(2000))
    assert any(isinstance(one, ContourSet) for axes in figures[-1].axes for one in axes.collections) == contours


def test_the_title_names_file_number_prior_threshold_and_frame(tmp_path: Path, figures) -> None:
    record = {"prior": {"name": "my_prior"}, "arguments": {"snr_threshold": 4.0}}
    joined = {"command": "merge", "sources": [{"provenance": record}]}
    # of a campaign's branches, which are removed then
    whole = {"command": "timeslide-waveforms", **record, "sources": [{"file": "a.hdf5", "content": "1"}]}
    for made in (record, joined, whole):
        title = titles.signals_title("a_b$.hdf5", 12, made, population(1))
        size_of(tmp_path / "a.png", population(12), population(2000), title=title)
        first, second = figures[-1].get_suptitle().split("\n")
        assert first == "a_b$.hdf5: 12 signals, prior my_prior, network SNR threshold 4"
        assert second == "masses in the detector frame"


@pytest.mark.parametrize("record", [None, {}, {"sources": [3]}, {"prior": "x", "arguments": 3}, {"sources": "abc"}])
def test_a_title_says_what_a_strange_record_does_not_spoil(record: object) -> None:
    assert titles.signals_title("a.hdf5", 1, record, ()) == "a.hdf5: 1 signal"
    assert titles.snr_threshold(record) is None
