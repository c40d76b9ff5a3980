"""Results on disk: one folder a run, written once, resumable."""
