"""The labs: what a learner is given, and how what they write is graded.

A lab is a folder of data (`L02/lab.toml`, its starter and its solution) and a grader in `graders/`. The
grader asks the learner's functions, which run in processes of their own, and judges what they answer.
"""
