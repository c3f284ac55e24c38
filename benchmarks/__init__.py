"""Where the figures in README come from: ratios within one run, never timed tests."""
