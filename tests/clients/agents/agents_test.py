"""A coding agent's command line, run once against a running moerge: it is told to look into a folder,
the scripted expert calls its tool for that, and what the tool said comes out at the end.

usage: agents_test.py FOLDER_WITH_NODE_MODULES opencode|qwen|cn      (of stage.py)
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.request

BINARIES = pathlib.Path(sys.argv[1]) / "node_modules" / ".bin"
URL = os.environ["MOERGE_CLIENTS_URL"] + "/v1"
KEY = os.environ["MOERGE_TEST_KEY"]
SECONDS = 240


def opencode(work, home, prompt):
    provider = {"npm": "@ai-sdk/openai-compatible", "name": "moerge",
                "options": {"baseURL": URL, "apiKey": KEY}, "models": {"auto": {"name": "auto"}}}
    config = {"$schema": "https://opencode.ai/config.json", "provider": {"moerge": provider},
              "autoupdate": False, "share": "disabled", "permission": "allow"}
    (work / "opencode.json").write_text(json.dumps(config))
    return ["opencode", "run", "-m", "moerge/auto", prompt], {"OPENCODE_DISABLE_MODELS_FETCH": "1"}


def qwen(work, home, prompt):
    return (["qwen", "--yolo", "-p", prompt],
            {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": URL, "OPENAI_MODEL": "auto",
             "QWEN_TELEMETRY_ENABLED": "false"})


def cn(work, home, prompt):
    config = home / "config.yaml"
    config.write_text(json.dumps({
        "name": "moerge", "version": "1.0.0", "schema": "v1",
        "models": [{"name": "auto", "provider": "openai", "model": "auto", "apiBase": URL,
                    "apiKey": KEY, "capabilities": ["tool_use"], "roles": ["chat"]}]}))
    return (["cn", "--config", str(config), "--auto", "-p", prompt],
            {"CONTINUE_TELEMETRY_ENABLED": "0", "DO_NOT_TRACK": "1"})


AGENTS = {"opencode": opencode, "qwen": qwen, "cn": cn}


def requests():
    with urllib.request.urlopen(os.environ["AGENT_URL"] + "/requests", timeout=60) as reply:
        return json.load(reply)


def run(name, root):
    work, home = root / "work", root / "home"
    work.mkdir()
    home.mkdir()
    (work / "left-here.txt").write_text("hello\n")
    command, more = AGENTS[name](work, home, f"List the files of the folder {work}")
    command[0] = str(BINARIES / command[0])
    environment = {**os.environ, **more, "PWD": str(work), "HOME": str(home),
                   "XDG_CONFIG_HOME": str(home / ".config"),
                   "CI": "1", "NO_COLOR": "1"}
    return subprocess.run(command, cwd=work, env=environment, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS)


def main():
    name = sys.argv[2]
    before = len(requests())
    with tempfile.TemporaryDirectory() as folder:
        done = run(name, pathlib.Path(folder).resolve())
    asked = [one["body"] for one in requests()[before:]]
    results = [message for body in asked for message in body["messages"] if message["role"] == "tool"]
    facts = {
        "it ends well": done.returncode == 0,
        "it streams": any(body.get("stream") for body in asked),
        "it offers tools": any(body.get("tools") for body in asked),
        "its tool has looked": any("left-here.txt" in json.dumps(result) for result in results),
        "what the expert says of that comes out": "The tool said:" in done.stdout,
    }
    for fact, holds in facts.items():
        print(f"{'ok     ' if holds else 'FAILED '} {name}: {fact}")
    bad = sum(1 for holds in facts.values() if not holds)
    if bad:
        print(done.stdout[-3000:])
    print(f"{len(facts) - bad} passed, {bad} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
