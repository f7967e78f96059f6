"""Verify a referendum: python verify.py RECORD PIN, each a path or a URL."""

import sys

import psephos

report = psephos.verify(sys.argv[1], sys.argv[2])
for contest in report.results:
    print(contest.id, contest.votes, contest.outcome)
print(report.verdict)
sys.exit(0 if report.passed else 1)
