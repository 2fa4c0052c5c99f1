"""`make mutate`: small changes of our own code, one at a time, and which of them no test notices.

mutmut makes the changes and runs the tests. What stands here is what it is told: which package, which tests,
which share of the changes, and how to see what happens in the processes that a test starts.
"""
