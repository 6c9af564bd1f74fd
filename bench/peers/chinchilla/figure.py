import csv
import sys

rows = list(csv.DictReader(open(sys.argv[1])))
marks = "".join(f'<circle cx="{150 * float(r["fitted"])}" cy="{900 - 150 * float(r["loss"])}" r="3"/>' for r in rows)
with open(sys.argv[2], "w") as file:
    file.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="900" height="900">{marks}</svg>')
