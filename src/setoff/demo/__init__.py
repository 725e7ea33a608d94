"""A believable group of companies, made from a seed: the demo and the benchmark's workload."""
