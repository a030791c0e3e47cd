"""YAML in which no key stands twice in a table, as in TOML: PyYAML takes the last one and says nothing."""

from __future__ import annotations

from typing import Any

import yaml  # noqa: TID253 - imported only where YAML is read


class UniqueKeysLoader(yaml.SafeLoader):
    """The safe loader, which refuses a second value of a key."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """Compose a table before ``<<`` fills it up: what stands there itself may replace what that brings."""
        node = super().compose_mapping_node(anchor)
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"{key.value!r} is given twice", problem_mark=key.start_mark)
            if isinstance(key, yaml.ScalarNode):
                seen.add(key.value)
        return node
