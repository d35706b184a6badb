"""Measures pytest-httpcodes beside its peers, each figure a ratio taken in one run.

`python -m tests.benchmarks` prints the table and ends with status 1 where a target is missed. The
contestants take turns, one request at a time, in shuffled order; what counts are medians, since
an unlucky moment of the scheduler would spoil a mean. The garbage collector runs as it does for
any user. Every answer is checked.
"""
