"""A schema-driven tester (schemathesis) reads /openapi.json of a running moerge and makes thousands of
requests of it, right and wrong ones: no answer may be a server error, a status, a content type or a body
that the document does not know."""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import servers  # noqa: E402

URL = os.environ["MOERGE_OPEN_URL"]
CHECKS = ["not_a_server_error", "status_code_conformance", "content_type_conformance",
          "response_schema_conformance", "response_headers_conformance"]
# What is there when the requests come, by the paths that name it.
KNOWN = {"experts": "echo", "backends": "echo", "policies": "auto", "skills": "algebra", "profiles": "echo"}
# The first reads the configuration again; the second answers 503 while new skills are learnt, as it should; the third
# has no end; a key that the fourth makes would shut the tester out.
LEFT_OUT = ["/api/v1/reload", "/ready", "/api/v1/events", "/api/v1/keys"]


def settings():
    return "\n".join(f'[[operations]]\ninclude-path-regex = "^/api/v1/{kind}/"\nparameters = {{ name = "{name}" }}'
                     for kind, name in KNOWN.items())


def main():
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "schemathesis.toml").write_text(settings())
        command = [str(Path(sys.executable).parent / "schemathesis"), "run", URL + "/openapi.json", "--url", URL,
                   "--checks", ",".join(CHECKS), "--phases", "coverage,fuzzing,stateful", "--max-examples", "5",
                   "--continue-on-failure", "--workers", "1", "--no-color", "--warnings", "off", "--seed", "1"]
        for path in LEFT_OUT:
            command += ["--exclude-path", path]
        environment = {**os.environ, "SCHEMATHESIS_HOOKS": "schema_hooks", "PYTHONPATH": str(HERE)}
        done = subprocess.run(command, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
    cases = re.search(r"(\d+) generated", done.stdout)
    tested = re.search(r"Tested: (\d+)", done.stdout)
    if done.returncode or not cases or not tested:
        print(done.stdout)
        print("0 passed, 1 failed")
        return 1
    # A server that is still there and answers.
    status, _ = servers.call(URL + "/health", None, None)
    print(f"{tested[1]} operations, {cases[1]} requests: every answer is one that /openapi.json knows")
    print(f"{tested[1]} passed, {0 if status == 200 else 1} failed")
    return 0 if status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
