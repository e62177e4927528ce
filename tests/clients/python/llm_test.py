"""The command line tool `llm` against a running moerge."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import suite

MODELS = f"""
- model_id: moerge
  model_name: auto
  api_base: "{suite.URL}"
  api_key_name: moerge
  supports_tools: true
  supports_schema: true
"""
WEATHER = 'def weather(city: str) -> str:\n    "The weather in a city."\n    return f"21 degrees in {city}"\n'


class Llm(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        path = pathlib.Path(self.folder.name)
        (path / "extra-openai-models.yaml").write_text(MODELS)

    def ask(self, *arguments):
        environment = {**os.environ, "LLM_USER_PATH": self.folder.name}
        done = subprocess.run(
            [sys.executable, "-m", "llm", "-m", "moerge", "--key", suite.KEY, *arguments],
            env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def test_whole(self):
        self.assertEqual(self.ask("--no-stream", "-s", "Be brief.", "The capital?"), suite.TEXT)

    def test_stream(self):
        self.assertEqual(self.ask("The capital?"), suite.TEXT)

    def test_a_tool(self):
        said = self.ask("--functions", WEATHER, "The weather in Canberra?")
        self.assertEqual(said, f"The tool said: {suite.TOOL_SAYS} in Canberra")

    def test_a_schema(self):
        self.assertIn('"city": "Canberra"', self.ask("--schema", "city, country", "The capital?"))


if __name__ == "__main__":
    suite.run(__name__)
