"""What of a ``.prior`` file is read: as bilby reads it, and nothing of it is run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pytest
from test_prior_files import SHIPPED

from aframe_data.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType
    from typing import Any

    from command_line import Finished

#: Lines that bilby reads too, one of each kind of thing that a line may have.
LINES = r"""
# a comment
  mass_1 = Uniform(name='mass_1', minimum=5, maximum=100)
mass_2=Uniform(5, 100, 'mass_2', '$m_2$', None)
mass_1 = LogUniform(minimum=2 * 3, maximum=10**2 - 1 / 4, name=mass_1)
a_1 = 0.5
a_2 = -1e-3
a_3 = inf
tilt_1 = Sine(minimum=0, maximum=np.pi / 2)
tilt_2 = Sine(minimum=-0., maximum=+pi, boundary=None)
phi_12 = Uniform(minimum=-np.pi, maximum=math.pi, boundary='periodic')
chi_1 = bilby.gw.prior.AlignedSpin(a_prior=Uniform(minimum=0, maximum=0.99), z_prior=Uniform(minimum=-1, maximum=1))
chi_2 = SlabSpikePrior(slab=Uniform(minimum=0, maximum=1), spike_location=0, spike_height=0.3)
redshift = bilby.gw.prior.UniformSourceFrame(minimum=0.01, maximum=1, name='redshift', cosmology='Planck18', unit=None)
distance = bilby.core.prior.analytical.PowerLaw(alpha=2, minimum=50, maximum=2000, unit="Mpc", latex_label='$d_{\odot}$')
mass_ratio = Constraint(minimum=0.1, maximum=1)
steps = WeightedDiscreteValues(values=[np.sqrt(4), 3, 5.5], weights=[1, 2, 3])
table = Interped(xx=[0, 1, 2], yy=[1, 2, 1], minimum=0, maximum=2)
second = bilby.core.prior.ConditionalPowerLaw(alpha=2, minimum=3, maximum=9, condition_func=bilby.gw.prior.secondary_mass_condition_function)
pair = MultivariateGaussianDist(names=['x', 'y'], mus=[40, 20], covs=[[2, 1], [1, 2]])
x = MultivariateGaussian(dist=pair, name='x')
y = MultivariateGaussian(dist=pair, name='y')
"""  # noqa: E501 - a line is a line

Read: TypeAlias = "Callable[[str], dict[str, Any]]"


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], dict[str, Any]]:
    """Read the text of a file."""
    from aframe_data_priors.prior_text import read_prior_file

    def make(text: str) -> dict[str, Any]:
        path = tmp_path / "my.prior"
        path.write_text(text)
        return read_prior_file(path, "prior file 'my.prior'")

    return make


def _same(bilby: ModuleType, mine: dict[str, Any], path: Path) -> None:
    """Both have the same distributions in the same order, and draw the same."""
    theirs = bilby.gw.prior.CBCPriorDict(filename=str(path))
    ours = bilby.gw.prior.CBCPriorDict(mine)
    assert list(ours) == list(theirs)
    assert {name: repr(prior) for name, prior in ours.items()} == {name: repr(prior) for name, prior in theirs.items()}
    for name, prior in ours.items():
        if not isinstance(prior, (bilby.core.prior.Constraint, bilby.core.prior.JointPrior)):
            assert np.array_equal(prior.rescale(0.25), theirs[name].rescale(0.25)), name


@pytest.mark.parametrize("name", sorted(path.name for path in SHIPPED.glob("*.prior")))
def test_what_bilby_ships_is_read_as_bilby_reads_it(bilby: ModuleType, name: str) -> None:
    from aframe_data_priors.prior_text import read_prior_file

    _same(bilby, read_prior_file(SHIPPED / name, name), SHIPPED / name)


def test_each_kind_of_line_is_read_as_bilby_reads_it(bilby: ModuleType, read: Read, tmp_path: Path) -> None:
    # 10**2 is 100.0 here and 100 in bilby.
    mine = read(LINES.replace("10**2", "100.0"))
    assert len(mine) == 18
    _same(bilby, mine, tmp_path / "my.prior")
    assert read("a = LogUniform(minimum=1, maximum=10**2)")["a"].maximum == 100


def test_what_bilby_writes_is_read_again(bilby: ModuleType, read: Read, tmp_path: Path) -> None:
    written = bilby.gw.prior.CBCPriorDict(read(LINES.partition("steps =")[0]))
    written.to_file(outdir=str(tmp_path), label="my")
    _same(bilby, read((tmp_path / "my.prior").read_text()), tmp_path / "my.prior")


def test_a_comment_may_follow_and_the_last_of_two_lines_counts(read: Read) -> None:
    mine = read("a = 1\nb = 2  # of no use\na = 3\n")
    assert mine == {"a": 3.0, "b": 2.0}
    assert list(mine) == ["a", "b"]


OPEN = "open('made', 'w')"


@pytest.mark.parametrize(
    "value",
    [
        f"Uniform(minimum=[5, {OPEN}][0], maximum=9)",
        f"Uniform(minimum=5, maximum={OPEN})",
        f"Uniform(minimum=5, maximum=[{OPEN}])",
        f"{OPEN}",
        f"[{OPEN}]",
        f"Uniform(minimum={{1: {OPEN}}}, maximum=9)",
        f"Uniform(minimum=5, maximum=9, **{{'name': {OPEN}}})",
        f"Uniform(*[{OPEN}])",
        f"Uniform(minimum=(lambda: {OPEN})(), maximum=9)",
        f"Uniform(minimum=[x for x in [{OPEN}]], maximum=9)",
        f"Uniform(minimum=f'{{{OPEN}}}', maximum=9)",
        # Text to Python, and to bilby, which splits at commas, three arguments.
        "Uniform(minimum=1, maximum=2, name=\"a,boundary=[open('made','w')],unit=b\")",
        r"Uniform(minimum=1, maximum=2, name='a\x27,unit=[open(\x27made\x27,\x27w\x27)],latex_label=\x27b')",
        "os.system('touch made')",
        "Uniform(minimum=os.system('touch made'), maximum=9)",
        "Uniform(minimum=made.value, maximum=9)",
        "made.Uniform(minimum=1, maximum=9)",
        "bilby.core.prior.dict.os.system('touch made')",
        "bilby.core.prior.dict.import_module('made')",
        "bilby.core.prior.os.system('touch made')",
        "Uniform.__init__.__globals__",
        "Uniform(minimum=np.pi.__class__, maximum=9)",
        "Uniform(minimum=np.load('made'), maximum=9)",
        "PriorDict(filename='made')",
        "conditional_prior_factory(Uniform)",
        "ConditionalUniform(minimum=1, maximum=9, condition_func=os.system)",
        "FromFile(file_name='http://127.0.0.1:9/made')",
        "FromFile('pipe', 0, 1)",
        "FromFile(file_name='/dev/zero')",
        "FromFile(file_name='nowhere', minimum=0, maximum=1)",
        "bilby.gw.prior.HealPixMapPriorDist(hp_file='pipe')",
        "Categorical(ncategories=10**10)",
        "WeightedCategorical(3000000000)",
        "Uniform(minimum=9**9**9**9**9, maximum=1)",
        "Uniform(minimum=[0] * 10**9, maximum=1)",
        "(" * 500 + "1" + ")" * 500,
        "-" * 5000 + "1",
        "True",
    ],
)
def test_nothing_of_a_file_is_run(read: Read, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    os.mkfifo("pipe")
    (tmp_path / "made.py").write_text("open('made', 'w')\nvalue = 1\n")
    try:
        mine = read(f"# first\n\nmass_1 = {value}\n")
    except UsageError as error:
        message = str(error)
        assert message.startswith("prior file 'my.prior', line 3: ")
        assert "belongs in a function, given by its dotted path: --prior my_package.my_population." in message
        assert "\n" not in message
        assert len(message) < 700
    else:
        assert "open" in mine["mass_1"].name  # text, and nothing else
    assert not (tmp_path / "made").exists()


def test_what_may_be_code_is_named_as_it_is(read: Read) -> None:
    with pytest.raises(
        UsageError, match=r"line 1: \"\[5, open\('x', 'w'\)\]\[0\]\" is not read, as it may be code\. A li"
    ):
        read("a = Uniform(minimum=[5,open('x','w')][0], maximum=9)")
    with pytest.raises(UsageError, match=r"line 2: MultivariateGaussian needs dist=NAME, with the NAME of a joint"):
        read("a = 1\nb = MultivariateGaussian(dist=pair, name='b')")


def test_a_huge_file_is_none(read: Read) -> None:
    with pytest.raises(UsageError, match="is larger than 1048576 bytes"):
        read("# " + "x" * 2**20)


@pytest.mark.parametrize("option", ["--dry-run", "--json"])
def test_a_command_runs_nothing_of_a_file(cli: Callable[..., Finished], tmp_path: Path, option: str) -> None:
    path = tmp_path / "my.prior"
    path.write_text(f"mass_1 = Uniform(minimum=[5,open('{tmp_path}/x','w')][0], maximum=9)\n")
    result = cli(
        *("waveforms", "--prior", str(path), "--num-signals", "2", "--waveform-duration", "8"),
        *("--sample-rate", "2048", "-o", str(tmp_path / "signals.hdf5"), option),
    )
    assert result.code == 2
    assert "my.prior', line 1: " in result.err
    assert sorted(file.name for file in tmp_path.iterdir()) == ["my.prior"]
