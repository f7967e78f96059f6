"""Hold a referendum with figures of your own: python count_my_csv.py FIGURES.csv [SCALE]

The file has a header line and one line for each region, such as

    region,roll,yes,no
    North,1200,480,300
    South,900,250,310

The numbers: how many people may vote there, then the votes of each option. All are divided by SCALE (1
unless given). A simulated voter casts each vote that is left, trustees count the votes under encryption, and
the record is verified: 1,000 voters take some minutes. docs/replay.md says what is simplified.

It needs the command: pip install 'psephos[cli]'
"""

import csv
import subprocess
import sys
import tempfile
from pathlib import Path

import psephos

SETTINGS = """
source = "{file.name}"
csv = "figures.csv"
contest = "question"
options = {options}
timezone = "UTC"
days = [[2030-06-01T08:00:00Z, 2030-06-01T20:00:00Z]]

[title]
en = "{file.stem}"

[columns]
name = "{name}"
roll = "{roll}"

[columns.votes]
{columns}

[wording.question]
en = "Which of these?"

[wording.options]
{wording}
"""

file, scale = Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "1"
with file.open(newline="", encoding="utf-8") as figures:
    name, roll, *options = next(csv.reader(figures))

with tempfile.TemporaryDirectory() as temporary:
    folder = Path(temporary)
    (folder / "figures.csv").write_bytes(file.read_bytes())
    settings = SETTINGS.format(
        file=file,
        name=name,
        roll=roll,
        options=options,
        columns="\n".join(f'{option} = "{option}"' for option in options),
        wording="\n".join(f'{option} = {{ en = "{option}" }}' for option in options),
    )
    (folder / "settings.toml").write_text(settings)

    command = [sys.executable, "-m", "psephos", "replay", str(folder / "settings.toml")]
    subprocess.run([*command, "--scale", scale, "--out", str(folder / "held")], check=True)

    report = psephos.verify(folder / "held/record", folder / "held/pin.json")
    (contest,) = report.results
    for area in contest.areas:
        print(f"{area.id}: {area.votes}, {area.voted} of {area.roll} voted")
    print(f"together: {contest.votes}")
    print(report.verdict)
sys.exit(0 if report.passed else 1)
