"""What the suites of the Python clients share: where moerge is, and the closing line."""
import os
import sys
import unittest

URL = os.environ["MOERGE_CLIENTS_URL"] + "/v1"
KEY = os.environ["MOERGE_TEST_KEY"]
# What the scripted expert says, see agent_expert.py.
TEXT = "Canberra is the capital of Australia."
VECTOR = [0.25, -0.5, 1.0]
TOOL_SAYS = "21 degrees"


def run(module):
    """Runs a module's tests; the last line is the count that stage.py reads."""
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules[module])
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    bad = len({getattr(test, "test_case", test).id() for test, _ in result.failures + result.errors})
    print(f"{result.testsRun - bad} passed, {bad} failed")
    sys.exit(1 if bad or not result.testsRun else 0)
