"""What is asked of a provider of any kind."""

from __future__ import annotations

import pickle
import sys
import time
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from aframe_data.registry.check import faults_of
from aframe_data.registry.choice import Choice, choose
from aframe_data.registry.loading import check_class

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aframe_data.registry.names import Registered

#: What the core says of signals besides the draw, to have them completed.
ASKED: Mapping[str, Any] = {
    "frame": "detector",
    "cosmology": "Planck15",
    "minimum_frequency": 20.0,
    "reference_frequency": 50.0,
}


class ProviderTests:
    """Tests of the record and of the class behind it; the classes of each kind build on it.

    Attributes
    ----------
    name
        The provider's name.
    options
        Options that make an object which can answer.
    seconds
        How long a small question (some draws, a few signals, the test's span) may take.
    """

    kind: ClassVar[str]
    contract: ClassVar[str]
    name: ClassVar[str]
    options: ClassVar[Mapping[str, Any]] = {}
    seconds: ClassVar[float] = 60.0

    @pytest.fixture(autouse=True)
    def _contract(self) -> None:
        """Say where it stands what is tested: pytest shows it with a test that fails, as captured output."""
        print(f"what aframe-data relies on: {self.contract}; docs/plugins.md", file=sys.stderr)  # noqa: T201

    def choice(self) -> Choice:
        """The provider with its options."""
        return choose(self.kind, self.name, self.options)

    def entry(self) -> Registered:
        """The registry's entry."""
        return self.choice().registered

    def ask_something_small(self) -> object:
        """Make a new object and ask it a question; the class of each kind says which."""
        raise NotImplementedError

    def test_it_is_registered_by_an_entry_point(self) -> None:
        """A plugin is found by its distribution's metadata, not by being imported."""
        assert self.entry().plugin.status == "ok"
        assert self.entry().plugin.distribution

    def test_its_class_has_the_methods_of_its_kind(self) -> None:
        """`aframe-data plugins check` would say so too."""
        check_class(self.entry())

    def test_plugins_check_finds_no_fault(self) -> None:
        """Neither in the record nor in the options, the requirements and the constructor."""
        faults = faults_of(self.entry(), self.options)
        assert not faults, f"`aframe-data plugins check {self.name}` says: {'; '.join(faults)}"

    def test_its_choice_travels_to_worker_processes(self) -> None:
        """Options are frozen, hashable and picklable."""
        choice = self.choice()
        assert pickle.loads(pickle.dumps(choice)) == choice  # noqa: S301 - our own bytes
        assert hash(choice) == hash(self.choice())

    def test_every_option_says_what_it_is(self) -> None:
        """Help comes from the options' declarations and from nowhere else."""
        silent = [spec.name for spec in self.entry().provider.option_specs if not spec.help.strip()]
        assert not silent, f"options without help: {', '.join(silent)}"

    def test_it_prints_nothing_on_stdout(self, capfd: pytest.CaptureFixture[str]) -> None:
        """Results go there, and other programs read them; messages go to the logger ``aframe_data``."""
        capfd.readouterr()
        self.ask_something_small()
        assert capfd.readouterr().out == ""

    def test_a_small_question_is_answered_in_time(self) -> None:
        """Within `seconds`: what is slow for a few is hopeless for a hundred thousand."""
        started = time.perf_counter()
        self.ask_something_small()
        took = time.perf_counter() - started
        assert took <= self.seconds, f"a small question took {took:.1f} s; `seconds` allows {self.seconds:g} s"
