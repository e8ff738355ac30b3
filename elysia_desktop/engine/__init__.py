"""The decision tree: decide, act, report. The model library lives in here and nowhere else."""
