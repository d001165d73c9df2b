"""The benchmarks: figures that a change can be judged by, most of them counts or ratios of one run."""
