"""One script for each runtime that is measured: what it does for each scenario, in its own way."""
