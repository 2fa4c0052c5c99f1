"""The process that a learner's code runs in, and the limits around it."""
