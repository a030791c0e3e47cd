"""Beginning a plugin: a small, complete distribution that works, for its author to change."""
