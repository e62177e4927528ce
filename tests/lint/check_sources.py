#!/usr/bin/env python3
"""Checks what the compiler does not: which folder includes from which, co_await statements that
g++ 12 miscompiles, types of one name with two definitions, file lengths, leftovers, words that this
project does not use. Prints each finding as FILE:LINE: WHAT; exit 1 if any."""
import collections
import re
import shutil
import subprocess
import sys
from pathlib import Path

LAYERS = ["config", "registry", "adapters", "router", "services"]
MAX_LINES = 500
# Inside an awaited expression g++ 12 destroys these temporaries twice: a lambda that captures, a braced
# initialiser, and what a ?: chooses from. The cure is a named variable before the statement.
CAPTURING_LAMBDA = re.compile(r"\[[^\]\s][^\]]*\]\s*[({]")
BRACED = re.compile(r"(?:[\w>]\s*|[(,]\s*)\{")
# Numbers, views and pointers have no destructor: a choice between literals or plain names is harmless.
RANGE_FOR = re.compile(r"\bfor \([^;:(){}]*(?:<[^;(){}]*>)?[^;:(){}]*[^:]:(?!:)")
CHOICE = re.compile(r"\?(?!\s*[\w.]+\s*:\s*[\w.]+\s*[,)])")
# What is not code: comments, literals, preprocessor lines.
NO_CODE = re.compile(r'''//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:[^"\\\n]|\\.)*"'''
                     r'''|(?<!\w)'(?:[^'\\\n]|\\.)+'|^[ \t]*#(?:[^\n]*\\\n)*[^\n]*''', re.S | re.M)
# What opens a scope, and what closes one.
SCOPE = re.compile(r"\bnamespace(?:\s+(?P<namespace>[\w:]+))?\s*\{|\b(?:class|struct|union|enum(?:\s+(?:class|struct))?)"
                   r"\s+(?:alignas\([^()]*\)\s*|\[\[[^\]]*\]\]\s*)*(?P<type>\w+(?:::\w+)*)"
                   r"(?:\s+final)?\s*(?::(?!:)[^;{}()]*)?\{|[{}]")
LEFTOVER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
# An expert is `it`; the usual words are expensive, again, at random, cost_limit, latency_limit, combined.
UNUSUAL = re.compile(r"\b(dear(?:er|est)?|anew|by lot|too_dear|too_slow|middled"
                     r"|(?:experts?|models?|nobody|somebody|everybody|those) who)\b", re.I)


def sources():
    listed = subprocess.run(["git", "ls-files", "*.cc", "*.h", "*.py", "*.sh", "*.md", "config/*.yaml",
                             "*.ts", "*.tsx", "*.mjs", "*.css"],
                            capture_output=True, text=True, check=True).stdout
    return [Path(name) for name in listed.splitlines() if Path(name).is_file()]


def layer_findings(path, lines):
    if path.parts[0] not in LAYERS:
        return
    own = LAYERS.index(path.parts[0])
    for number, line in enumerate(lines, 1):
        include = re.match(r'\s*#include "([^/"]+)/', line)
        if not include:
            continue
        if include[1] == "tests":
            yield number, "includes from tests/"
        elif include[1] in LAYERS and LAYERS.index(include[1]) > own:
            yield number, f"{path.parts[0]}/ may not include from {include[1]}/"


def statement_end(text, start):
    depth = 0
    for at in range(start, len(text)):
        if text[at] in "({[":
            depth += 1
        elif text[at] in ")}]":
            depth -= 1
            if depth < 0:
                return at
        elif text[at] == ";" and depth == 0:
            return at
    return len(text)


def await_findings(text):
    bare = re.sub(r"//[^\n]*", "", text)
    bare = re.sub(r'"(?:[^"\\\n]|\\.)*"', '""', bare)
    for match in re.finditer(r"\bco_(?:await|yield)\b", bare):
        expression = bare[match.end():statement_end(bare, match.end())]
        if any(risky.search(expression) for risky in (CAPTURING_LAMBDA, BRACED, CHOICE)):
            yield bare.count("\n", 0, match.start()) + 1, "a temporary that g++ 12 frees twice in a co_await"


def range_findings(text):
    """A range-for keeps the value of its range alive, not a temporary that it is taken out of."""
    bare = NO_CODE.sub(lambda match: "\n" * match[0].count("\n"), text)
    for match in RANGE_FOR.finditer(bare):
        header = bare[match.end():statement_end(bare, match.end())]
        if re.match(r"\s*\*", header) and "(" in header.replace("(*", ""):
            yield bare.count("\n", 0, match.start()) + 1, "a range-for over a part of a temporary: name it first"


def defined_types(text):
    """Line and name of each class, struct, union and enum with a body that other files can clash with:
    at the level of a namespace, none of them without a name."""
    bare = NO_CODE.sub(lambda match: "\n" * match[0].count("\n"), text)
    scopes = []  # by open brace: the namespace's name; None: anything else
    for match in SCOPE.finditer(bare):
        if match[0] == "}":
            if scopes:
                scopes.pop()
            continue
        if match["type"] and None not in scopes:
            yield bare.count("\n", 0, match.start("type")) + 1, "::".join([*scopes, match["type"]])
        scopes.append(match["namespace"])


def twin_findings(texts):
    """`texts`: by path. One name with two definitions is undefined where both are linked."""
    places = collections.defaultdict(list)
    for path, text in texts.items():
        for number, name in defined_types(text):
            places[name].append((path, number))
    for name, found in places.items():
        first, _ = found[0]
        for path, number in found[1:]:
            if path != first:
                yield path, number, f"{name} is defined in {first} too"


def findings(path):
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")
    if len(lines) > MAX_LINES:
        yield 1, f"{len(lines)} lines, at most {MAX_LINES} are allowed"
    if path != Path(__file__).relative_to(Path.cwd()):
        for number, line in enumerate(lines, 1):
            if LEFTOVER.search(line):
                yield number, "leftover"
            unusual = UNUSUAL.search(line)
            if unusual and "defaults" not in path.parts:
                yield number, f"`{unusual[0]}`: see UNUSUAL in tests/lint/check_sources.py"
    if path.suffix in {".cc", ".h"}:
        yield from layer_findings(path, lines)
        yield from await_findings(text)
        yield from range_findings(text)
    if path.suffix == ".h" and "#pragma once" not in text:
        yield 1, "a header without #pragma once"


def format_findings(paths):
    """Where the C++ sources differ from .clang-format."""
    if not shutil.which("clang-format-14"):
        yield "clang-format-14 is missing (Debian package clang-format-14)"
        return
    checked = subprocess.run(["clang-format-14", "--dry-run", "-fno-color-diagnostics", *map(str, paths)],
                             capture_output=True, text=True)
    for finding in re.findall(r"^(.+?:\d+):\d+: warning: code should be clang-formatted", checked.stderr, re.M):
        yield f"{finding}: not as clang-format-14 writes it"
    if checked.returncode:
        yield f"clang-format-14 ended with {checked.returncode}: {checked.stderr[-500:]}"


def main():
    count = 0
    paths = sources()
    for path in paths:
        for number, what in findings(path):
            print(f"{path}:{number}: {what}")
            count += 1
    texts = {path: path.read_text(encoding="utf-8") for path in paths if path.suffix in {".cc", ".h"}}
    for path, number, what in twin_findings(texts):
        print(f"{path}:{number}: {what}")
        count += 1
    for finding in format_findings(texts):
        print(finding)
        count += 1
    print(f"{len(paths)} files checked, {count} findings")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
