"""Whether the sampled posterior is the posterior: simulation-based calibration."""
