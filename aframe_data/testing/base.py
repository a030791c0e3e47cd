"""What is asked of a provider of any kind."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any, ClassVar

from aframe_data.registry.choice import Choice, choose
from aframe_data.registry.loading import check_class

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aframe_data.registry.names import Registered


class ProviderTests:
    """Tests of the record and of the class behind it; the classes of each kind build on it.

    Attributes
    ----------
    name
        The provider's name.
    options
        Options that make an object which can answer.
    """

    kind: ClassVar[str]
    name: ClassVar[str]
    options: ClassVar[Mapping[str, Any]] = {}

    def choice(self) -> Choice:
        """The provider with its options."""
        return choose(self.kind, self.name, self.options)

    def entry(self) -> Registered:
        """The registry's entry."""
        return self.choice().registered

    def test_it_is_registered_by_an_entry_point(self) -> None:
        """A plugin is found by its distribution's metadata, not by being imported."""
        assert self.entry().plugin.status == "ok"
        assert self.entry().plugin.distribution

    def test_its_class_has_the_methods_of_its_kind(self) -> None:
        """`aframe-data plugins check` would say so too."""
        check_class(self.entry())

    def test_its_choice_travels_to_worker_processes(self) -> None:
        """Options are frozen, hashable and picklable."""
        choice = self.choice()
        assert pickle.loads(pickle.dumps(choice)) == choice  # noqa: S301 - our own bytes
        assert hash(choice) == hash(self.choice())

    def test_every_option_says_what_it_is(self) -> None:
        """Help comes from the options' declarations and from nowhere else."""
        assert all(spec.help.strip() for spec in self.entry().provider.option_specs)
