#!/usr/bin/env python3
"""Sets the stage for the clients and lets them play: recorded models, an echoing expert, a moerge with
keys in front of them, one without keys whose experts are faulty, one whose expert uses tools, and one that
a schema-driven tester may change.
Prints a total at the end.

usage: stage.py MOERGE_BINARY BUILD_FOLDER SUITE...   (suites: see commands)
"""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import agent_expert
import echo_server
import servers

HERE = Path(__file__).resolve().parent
DATA = HERE.parent / "data"
KEYS = {"MOERGE_TEST_KEY": "inference-key-of-the-tests", "MOERGE_TEST_ADMIN_KEY": "admin-key-of-the-tests"}
SUITE_SECONDS = 300

MAIN = """
server: {{listen: "127.0.0.1:0"}}
store: "memory:"
backends:
  - {{name: replay, base_url: "{replay}/v1"}}
  - {{name: echo, base_url: "{echo}/v1"}}
  - {{name: limited, base_url: "{limited}/v1", retries: 0}}
experts:
  - {{name: ada, backend: replay, model: ada, skills: {{general: 0.3}}}}
  - {{name: clio, backend: replay, model: clio, skills: {{general: 0.3}}}}
  - {{name: remy, backend: replay, model: remy, skills: {{general: 0.3}}}}
  - {{name: echo, backend: echo, model: echo-1, vision: true, context: 8000,
     skills: {{general: 0.01}}}}
  - {{name: drip, backend: echo, model: drip}}
  - {{name: limited, backend: limited, model: ada}}
policies:
  - {{name: strict, min_score: 0.999}}
  - {{name: synthesize, aggregate: synthesize, experts: 3, options: {{author.expert: echo}}}}
keys:
  - {{name: sdk, role: inference, key_env: MOERGE_TEST_KEY}}
  - {{name: operator, role: admin, key_env: MOERGE_TEST_ADMIN_KEY}}
"""
FAULTY = """
server: {{listen: "127.0.0.1:0"}}
store: "memory:"
backends:
  - {{name: replay, base_url: "{replay}/v1"}}
  - {{name: errors, base_url: "{errors}/v1", retries: 0}}
  - {{name: garbage, base_url: "{garbage}/v1", retries: 0}}
  - {{name: cut, base_url: "{cut}/v1", retries: 0}}
experts:
  - {{name: errors, backend: errors, model: ada, skills: {{general: 0.9}}}}
  - {{name: garbage, backend: garbage, model: ada, skills: {{general: 0.9}}}}
  - {{name: cut, backend: cut, model: ada, skills: {{general: 0.9}}}}
  - {{name: solid, backend: replay, model: ada, skills: {{general: 0.5}}}}
"""
# What a schema-driven tester may change as it likes.
OPEN = """
server: {{listen: "127.0.0.1:0"}}
store: "memory:"
backends:
  - {{name: echo, base_url: "{echo}/v1"}}
experts:
  - {{name: echo, backend: echo, model: echo-1, skills: {{general: 0.3}}}}
"""
# What frameworks and agents are pointed at. The expert's context has room for an agent's prompt.
CLIENTS = """
server: {{listen: "127.0.0.1:0"}}
store: "memory:"
backends:
  - {{name: agent, base_url: "{agent}/v1", retries: 0}}
experts:
  - {{name: agent, backend: agent, model: agent-1, vision: true, context: 200000,
     skills: {{general: 0.5}}}}
keys:
  - {{name: sdk, role: inference, key_env: MOERGE_TEST_KEY}}
  - {{name: operator, role: admin, key_env: MOERGE_TEST_ADMIN_KEY}}
"""


class Stage:
    def __init__(self, binary, directory):
        self._binary = binary
        self._directory = Path(directory)
        self._programs = []
        self.environment = {**KEYS, "MOERGE_BINARY": str(Path(binary).resolve())}

    def _start(self, *arguments):
        program = servers.Program([self._binary, *arguments], KEYS, self._directory)
        self._programs.append(program)
        return program

    def _replay(self, *faults):
        return self._start("replay", "--listen", "127.0.0.1:0", "--table", str(DATA / "mini_table.jsonl"),
                           "--replies", str(DATA / "mini_replies.jsonl"), *faults).url

    def _serve(self, name, text, **urls):
        file = self._directory / name
        file.write_text(text.format(**urls))
        program = self._start("serve", "--config", str(file))
        servers.wait_ready(program)
        return program

    def set(self):
        replay = self._replay()
        echo = f"http://127.0.0.1:{echo_server.start().server_port}"
        main = self._serve("main.yaml", MAIN, replay=replay, echo=echo,
                           limited=self._replay("--error-rate", "1", "--error-status", "429"))
        self._teach(main)
        faulty = self._serve("faulty.yaml", FAULTY, replay=replay,
                             errors=self._replay("--error-rate", "1"),
                             garbage=self._replay("--malformed-rate", "1"),
                             cut=self._replay("--cut-rate", "1"))
        agent = f"http://127.0.0.1:{agent_expert.start().server_port}"
        clients = self._serve("clients.yaml", CLIENTS, agent=agent)
        self.environment |= {"MOERGE_CLIENTS_URL": clients.url, "AGENT_URL": agent}
        self.environment["MOERGE_OPEN_URL"] = self._serve("open.yaml", OPEN, echo=echo).url
        self.environment |= {"MOERGE_URL": main.url, "MOERGE_FAULTY_URL": faulty.url,
                             "ECHO_URL": echo, "MINI_DATA": str(DATA)}

    def _teach(self, main):
        """What the recorded table says about the three models becomes their profile."""
        key = KEYS["MOERGE_TEST_ADMIN_KEY"]
        table = (DATA / "mini_table.jsonl").read_bytes()
        status, report = servers.call(main.url + "/api/v1/profiles/import", key, table)
        if status != 200 or report["rows"] != 24:
            raise RuntimeError(f"the import of the profile failed: {status} {report}")
        servers.wait_ready(main)

    def clear(self):
        codes = [program.stop() for program in reversed(self._programs)]
        return [program for program, code in zip(reversed(self._programs), codes) if code != 0]


def play(name, command, environment):
    """Runs one suite, shows what it prints, gives (passed, failed)."""
    print(f"-- {name}", flush=True)
    try:
        done = subprocess.run(command, env={**os.environ, **environment}, cwd=HERE, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SUITE_SECONDS)
        output, code = done.stdout, done.returncode
    except subprocess.TimeoutExpired as late:
        output, code = f"{(late.stdout or b'').decode()}\nnot done after {SUITE_SECONDS} s\n", 1
    print(output, end="", flush=True)
    total = re.findall(r"^(\d+) passed, (\d+) failed$", output, re.M)
    passed, failed = map(int, total[-1]) if total else (0, 1)
    return passed, max(failed, 1 if code else 0)


def commands(build):
    """How each suite is started, by its name."""
    frameworks = ["langchain", "pydantic_ai", "litellm", "llm"]
    python = {"python": "sdk", "llamaindex": "llamaindex", **dict.fromkeys(frameworks, "frameworks"),
              "aider": "aider", "schema": "schema", "otlp": "otlp"}
    files = {"python": "python/sdk_test.py"}
    found = {name: [f"{build}/{venv}/bin/python", files.get(name, f"python/{name}_test.py")]
             for name, venv in python.items()}
    found |= {"node": ["node", "node/sdk_test.mjs"], "ai_sdk": ["node", "node/ai_sdk_test.mjs"]}
    found |= {"go": [f"{build}/go-sdk-test"], "table": [sys.executable, "check_table.py"]}
    classpath = build / "java.classpath"
    if classpath.exists():
        found["java"] = ["java", "-cp", classpath.read_text().strip(), "java/src/SdkTest.java"]
    found |= {name: [sys.executable, "agents/agents_test.py", f"{build}/agents", name]
              for name in ("opencode", "qwen", "cn")}
    return found


def main():
    binary, build, *suites = sys.argv[1:]
    known = commands(Path(build).resolve())
    passed = failed = 0
    with tempfile.TemporaryDirectory() as directory:
        stage = Stage(binary, directory)
        try:
            stage.set()
            for name in suites:
                one = play(name, known[name], stage.environment)
                passed, failed = passed + one[0], failed + one[1]
        finally:
            for program in stage.clear():
                failed += 1
                print(f"{program.url} did not end well:\n{''.join(program.lines[-30:])}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
