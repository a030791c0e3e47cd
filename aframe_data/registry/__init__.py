"""From what is installed to an object that is used: discovery, names, choice, loading."""
