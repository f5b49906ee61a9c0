"""Repeats a draw from what was published, with nothing but the standard library; knows nothing of the program.

Usage: python reproduce.py < published.json   (terms, seed, word, commitment, declined) → {stratum: [drawn]} as JSON
"""

import hashlib
import json
import sys


def sha256(*lines):
    return hashlib.sha256("".join(line + "\n" for line in lines).encode("utf-8")).hexdigest()


def main():
    told = json.load(sys.stdin)
    lines = told["terms"].split("\n")[:-1]
    if sha256(*lines, told["seed"]) != told["commitment"]:
        sys.exit("the seed or the terms are not those that were committed to")
    cap_at = max(number for number, line in enumerate(lines) if line.startswith("cap\t") and line.count("\t") == 1)
    places = {stratum: int(count) for stratum, count in (line.split("\t") for line in lines[2:cap_at])}
    cap = lines[cap_at].split("\t")[1]
    pool = [line.split("\t") for line in lines[cap_at + 1 :]]
    drawn = {}
    for stratum, count in places.items():
        able = [uid for uid, own, times in pool if own == stratum and (cap == "none" or int(times) < int(cap))]
        able.sort(key=lambda uid: sha256(told["seed"], told["word"], uid))
        drawn[stratum] = [uid for uid in able if uid not in told["declined"]][:count]
    json.dump(drawn, sys.stdout)


main()
