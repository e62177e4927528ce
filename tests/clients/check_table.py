#!/usr/bin/env python3
"""Holds the table of clients in README.md to the versions that are pinned. Standard library only."""
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent


def pinned():
    """Version by the package's name."""
    pins = {}
    for folder in ("node", "agents"):
        pins |= json.loads((HERE / folder / "package.json").read_text())["dependencies"]
    for file in sorted((HERE / "python").glob("requirements-*.txt")):
        for name, version in re.findall(r"^([\w.-]+)(?:\[\w+\])?==(\S+)$", file.read_text(), re.M):
            pins[f"{name} (PyPI)" if name in pins else name] = version
    pins |= dict(re.findall(r"^require (\S+) v(\S+)$", (HERE / "go" / "go.mod").read_text(), re.M))
    pom = (HERE / "java" / "pom.xml").read_text()
    dependencies = pom[pom.index("<dependencies>"):pom.index("</dependencies>")]
    pins |= dict(re.findall(r"<artifactId>(.+?)</artifactId>\s*<version>(.+?)</version>", dependencies))
    return pins


def main():
    readme = (HERE / "README.md").read_text()
    table = dict(re.findall(r"^\| .+? \| `(.+?)` (\S+) \|", readme, re.M))
    pins = pinned()
    helpers = {"zod", "schemathesis", "opentelemetry-proto"}  # not clients
    wrong = [f"{name} is pinned at {version}, the table says {table.get(name, 'nothing')}"
             for name, version in pins.items() if name not in helpers and table.get(name) != version]
    wrong += [f"{name} is in the table and not pinned" for name in table if name not in pins]
    for line in wrong:
        print(f"FAILED  {line}")
    print(f"{0 if wrong else 1} passed, {len(wrong)} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
