"""The commands that run and look after Tieout's processes; each module has `add_arguments` and `run`."""
