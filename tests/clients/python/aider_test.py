"""aider, once as a person runs it, against a running moerge."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import suite


class Aider(unittest.TestCase):
    def ask(self, *arguments):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder)
            (path / "a.py").write_text("x = 1\n")
            environment = {**os.environ, "HOME": folder, "PWD": folder, "OPENAI_API_BASE": suite.URL,
                           "OPENAI_API_KEY": suite.KEY, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
            done = subprocess.run(
                [sys.executable, "-m", "aider", "--model", "openai/auto", "--no-git", "--yes-always",
                 "--no-check-update", "--analytics-disable", "--no-show-model-warnings",
                 "--no-show-release-notes", "--no-fancy-input", "--no-pretty", "--map-tokens", "0",
                 *arguments, "--message", "What is the capital of Australia?", "a.py"],
                cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                timeout=240)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_stream(self):
        self.assertIn(suite.TEXT, self.ask("--stream"))

    def test_whole(self):
        said = self.ask("--no-stream")
        self.assertIn(suite.TEXT, said)
        self.assertIn("7 received", said)  # the tokens that the expert counted


if __name__ == "__main__":
    suite.run(__name__)
