"""What things cost, beside what a user would take instead, measured in the same run."""
