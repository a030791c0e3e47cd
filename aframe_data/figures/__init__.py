"""Pictures of PSDs and signals. matplotlib is imported here and nowhere else, when a picture is asked for."""
