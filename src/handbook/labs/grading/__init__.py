"""One grader a lab: `STEPS` maps each step of its `lab.toml` to what judges it."""
