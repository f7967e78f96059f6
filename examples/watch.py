"""Watch a referendum while it goes on: python watch.py RECORD PIN [SECONDS]

Every SECONDS (60 unless given) it verifies what is new in the log, and says how far the referendum is. It
ends with 0 when there is a result, and with 1 when a check fails. What is missing may come: it looks again.
"""

import sys
import time

import psephos

record, pin = sys.argv[1:3]
pause = float(sys.argv[3]) if len(sys.argv) > 3 else 60

verification = psephos.Verification(psephos.load_pin(pin))
while True:
    with psephos.open_record(record) as log:
        verification.follow(log)  # reads on where it stopped the last time
    report = verification.report()
    size = report.checkpoint.size if report.checkpoint else 0
    print(f"{size} entries, phase {report.phase}, {len(report.void)} void: {report.verdict}", flush=True)
    if report.verdict not in ("open", "missing"):
        break
    time.sleep(pause)

if failed := report.failed_check:
    print(f"check {failed.check} ({failed.title}) failed through {failed.culprit}: {failed.message}")
for contest in report.results:
    print(contest.id, contest.votes)
sys.exit(1 if report.failed_check else 0)
