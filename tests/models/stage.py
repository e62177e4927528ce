"""Starts real models and a moerge in front of them, for the tests and for the report here.
Standard library only."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "clients"))
import servers  # noqa: E402
import weights  # noqa: E402

START_SECONDS = 120
CONFIG = """
server: {{listen: "127.0.0.1:0"}}
store: "memory:"
tools: off
backends:
  - {{name: small, base_url: "{small}/v1"}}
  - {{name: second, base_url: "{second}/v1"}}
  - {{name: sleeper, base_url: "{sleeper}/v1"}}
  - {{name: encoder, base_url: "{encoder}/v1"}}
experts:
  - {{name: small, backend: small, model: small, price: {{input: 0.1, output: 0.1}},
     skills: {{general: 0.4}}}}
  - {{name: second, backend: second, model: second, context: 2048,
     price: {{input: 0.5, output: 0.5}}, skills: {{general: 0.5}}}}
  - {{name: sleeper, backend: sleeper, model: sleeper}}
policies:
  - {{name: both, aggregate: vote, experts: 2}}
  - {{name: cheap-first, aggregate: cascade, experts: 2}}
  - {{name: vectors, classifier: embedding, options: {{embedding.backend: encoder,
     embedding.model: e5, embedding.deadline_ms: 5000}}}}
skills:
  replace: true
  list:
    - {{name: capitals, examples: ["What is the capital of Sweden?", "Which city is the capital of Chile?",
       "Name the capital of India.", "What is Poland's capital city?"]}}
    - {{name: arithmetic, examples: ["What is 3 plus 4?", "What is 20 minus 6?", "What is 5 times 9?",
       "How much is 63 divided by 7?"]}}
    - {{name: code, examples: ["In Python, which function prints text?", "In C, which keyword ends a loop?",
       "In SQL, which keyword reads rows?", "Which git command makes a branch?"]}}
    - {{name: words, examples: ["What is the opposite of dark?", "What is the plural of foot?",
       "What is the past tense of run?", "Which word means a young cat?"]}}
"""
# Two models of which one at a time is loaded, as a process that moerge starts and ends.
MANAGED = """
server: {{listen: "127.0.0.1:0"}}
store: "memory:"
tools: off
backends:
  - name: own
    base_url: "http://127.0.0.1:{{port}}/v1"
    residency: {{kind: command, slots: 1,
      command: ["{python}", "{serve}", "{weights}", "{{model}}", "512", "0", "{{port}}"]}}
experts:
  - {{name: first, backend: own, model: one, skills: {{general: 0.5}}}}
  - {{name: second, backend: own, model: two, skills: {{general: 0.4}}}}
"""


class Engine:
    """A process that prints its address in its first line that has one."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([sys.executable, *map(str, arguments)], text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.url = None
        self._lines = []
        self._listens = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()
        self._listens.wait(START_SECONDS)
        if self.url is None:
            self.stop()
            raise RuntimeError(f"{arguments} did not start:\n{''.join(self._lines[-20:])}")

    def _read(self):
        for line in self.process.stdout:
            self._lines.append(line)
            address = re.search(r"http://127\.0\.0\.1:\d+", line)
            if address and self.url is None:
                self.url = address[0]
                self._listens.set()
        self._listens.set()

    def memory(self):
        """Resident MB."""
        pages = int(pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=60) as reply:
            return json.load(reply)

    def stop(self):
        self.process.kill()  # the engine ends its threads at its leisure
        self.process.wait()


class Stage:
    """small: SmolLM2-135M with 512 tokens of context. second: Qwen2.5-Coder-0.5B where it is
    installed, else SmolLM2 again, with 2048. sleeper: SmolLM2 that unloads itself when idle."""

    def __init__(self, binary, build):
        self._folder = tempfile.TemporaryDirectory()
        self._engines = []
        self.moerge = None
        try:
            self._set(binary, build)
        except BaseException:
            self.stop()
            raise

    def _set(self, binary, build):
        small, coder = weights.small(), weights.coder(build)
        self.second_is = "Qwen2.5-Coder-0.5B" if coder else "SmolLM2-135M"
        self.small = self._engine(HERE / "serve.py", small, "small", 512)
        self.second = self._engine(HERE / "serve.py", coder or small, "second", 2048)
        self.sleeper = self._engine(HERE / "serve.py", small, "sleeper", 512, 3)
        self.encoder = self._engine(HERE / "encode.py")
        file = pathlib.Path(self._folder.name) / "moerge.yaml"
        file.write_text(CONFIG.format(small=self.small.url, second=self.second.url,
                                      sleeper=self.sleeper.url, encoder=self.encoder.url))
        self.moerge = servers.Program([binary, "serve", "--config", str(file)])
        servers.wait_ready(self.moerge)

    def _engine(self, *arguments):
        self._engines.append(Engine(*arguments))
        return self._engines[-1]

    def managed(self, binary):
        """A moerge that starts its models itself; the caller stops it."""
        file = pathlib.Path(self._folder.name) / "managed.yaml"
        file.write_text(MANAGED.format(python=sys.executable, serve=HERE / "serve.py",
                                       weights=weights.small()))
        program = servers.Program([binary, "serve", "--config", str(file)])
        servers.wait_ready(program)
        return program

    def ask(self, model, prompt, at=None, **fields):
        """(status, parsed body)."""
        body = {"model": model, "messages": [{"role": "user", "content": prompt}], "temperature": 0,
                "max_tokens": 24, **fields}
        return servers.call((at or self.moerge).url + "/v1/chat/completions", body=body)

    def stop(self):
        if self.moerge:
            self.moerge.stop()
        for engine in self._engines:
            engine.stop()
        self._folder.cleanup()
