#!/usr/bin/env python3
"""Fails on a dependency whose licence we may not ship: every crate of the lock, and what the page ships of npm."""
import json
import re
import subprocess
import sys
from pathlib import Path

ALLOWED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BlueOak-1.0.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0",
    "CC0-1.0", "CDLA-Permissive-2.0", "ISC", "MIT", "MIT-0", "OFL-1.1", "Unicode-3.0", "Unlicense", "Zlib",
    # Weak copyleft per file: used unchanged.
    "MPL-2.0",
}
ROOT = Path(__file__).resolve().parents[2]


def accepted(expression: str) -> bool:
    """Evaluates an SPDX expression (AND binds stronger than OR; `/` is an old way to write OR)."""
    tokens = re.findall(r"\(|\)|[^\s()]+", expression.replace("/", " OR "))
    words, place = [], 0
    while place < len(tokens):
        if tokens[place] == "WITH":
            words[-1] += f" WITH {tokens[place + 1]}"
            place += 2
        else:
            words.append(tokens[place])
            place += 1

    def either() -> bool:
        value = both()
        while words and words[0] == "OR":
            words.pop(0)
            value = both() or value
        return value

    def both() -> bool:
        value = one()
        while words and words[0] == "AND":
            words.pop(0)
            value = one() and value
        return value

    def one() -> bool:
        word = words.pop(0)
        if word == "(":
            value = either()
            words.pop(0)
            return value
        return word in ALLOWED

    return either()


def crates():
    version = subprocess.run(["rustc", "-vV"], check=True, stdout=subprocess.PIPE, text=True).stdout
    host = re.search(r"^host: (\S+)$", version, re.MULTILINE).group(1)
    command = ["cargo", "metadata", "--format-version", "1", "--filter-platform", host]
    packages = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=ROOT).stdout)["packages"]
    for package in packages:
        yield f"crate {package['name']} {package['version']}", package.get("license") or "none stated"


def npm():
    lock = ROOT / "ui" / "package-lock.json"
    for path, package in json.loads(lock.read_text())["packages"].items():
        if path and not package.get("dev"):
            yield f"npm {path.removeprefix('node_modules/')}", package.get("license") or "none stated"


def main() -> int:
    rows = [*crates(), *npm()]
    faults = [f"{name}: {licence}" for name, licence in rows if licence == "none stated" or not accepted(licence)]
    for fault in faults:
        print(f"licences: {fault}", file=sys.stderr)
    print(f"licences: {len(rows)} packages, {len(faults)} not on the list")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
