"""How anything is done: plans, what carries them out, and the engines that run units of work."""
