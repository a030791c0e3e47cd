"""The file formats: the only room that knows how data lies on disk."""
