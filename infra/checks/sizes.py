#!/usr/bin/env python3
"""Fails on a source file of more than 400 lines that does not justify itself (a comment `size: why`)."""
import subprocess
import sys
from pathlib import Path

LIMIT = 400
KINDS = {".rs", ".ts", ".tsx", ".mjs", ".py", ".css"}


def main() -> int:
    listed = subprocess.run(["git", "ls-files"], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    files = [Path(name) for name in listed if Path(name).suffix in KINDS and Path(name).is_file()]
    faults = 0
    for file in files:
        lines = file.read_text(encoding="utf-8").splitlines()
        if len(lines) > LIMIT and not any("size: " in line for line in lines[:30]):
            faults += 1
            print(f"sizes: {file} has {len(lines)} lines", file=sys.stderr)
    print(f"sizes: {len(files)} files, {faults} longer than {LIMIT} lines without a reason")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
