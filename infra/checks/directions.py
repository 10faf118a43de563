#!/usr/bin/env python3
"""Fails on a dependency between crates against the direction of the design.

domain <- streams <- services <- infra; services never depend on each other; domain does no I/O.
Reads the manifests through `cargo metadata`; dependencies of tests count too.
"""
import json
import subprocess
import sys

SERVICES = {"command-api", "projectors", "query-api", "connectors", "ml-workers"}
ALLOWED = {
    "domain": set(),
    "streams": {"domain"},
    **{service: {"domain", "streams"} for service in SERVICES},
    "infra": {"domain", "streams"} | SERVICES,
    # The end-to-end tests may know everything.
    "workdock-tests": {"domain", "streams", "infra"} | SERVICES,
}
# Tests alone may go this way: a query is tested on the tables that the real projection fills.
ALLOWED_IN_TESTS = {"query-api": {"projectors"}, "ml-workers": {"projectors"}}
# Without I/O: domain may not name these.
IMPURE = {"tokio", "sqlx", "axum", "async-nats", "reqwest", "hyper", "postgres-es", "async-graphql"}


def main() -> int:
    command = ["cargo", "metadata", "--no-deps", "--format-version", "1"]
    packages = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)["packages"]
    ours = {package["name"] for package in packages}
    faults = [f"{name}: a crate that this check does not know" for name in sorted(ours - ALLOWED.keys())]
    edges = 0
    for package in packages:
        name = package["name"]
        for dependency in package["dependencies"]:
            other, in_tests = dependency["name"], dependency["kind"] == "dev"
            if other in ours and other != name:
                edges += 1
                allowed = ALLOWED.get(name, set()) | (ALLOWED_IN_TESTS.get(name, set()) if in_tests else set())
                if other not in allowed:
                    faults.append(f"{name} must not depend on {other}")
            if name == "domain" and other in IMPURE and not in_tests:
                faults.append(f"domain is pure and must not depend on {other}")
    for fault in faults:
        print(f"directions: {fault}", file=sys.stderr)
    print(f"directions: {len(packages)} crates, {edges} edges, {len(faults)} forbidden")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
