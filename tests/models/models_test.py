#!/usr/bin/env python3
"""Real models behind a running moerge: what only they can show. usage: models_test.py MOERGE BUILD"""
import json
import sys
import threading
import time
import unittest
import urllib.request


import stage as staging  # puts the folder of servers into the path
import servers

PATIENCE = 120  # seconds; nothing here is judged by its time
STAGE = None


def eventually(holds):
    for _ in range(PATIENCE * 10):
        if holds():
            return True
        threading.Event().wait(0.1)
    return False


def text_of(reply):
    return reply["choices"][0]["message"]["content"]


class Models(unittest.TestCase):
    def answered(self, model, prompt, **fields):
        status, reply = STAGE.ask(model, prompt, **fields)
        self.assertEqual(status, 200, reply)
        return reply

    def stream(self, model, prompt, **fields):
        """The events of a stream, and the response, which is left open."""
        body = {"model": model, "messages": [{"role": "user", "content": prompt}], "stream": True,
                "temperature": 0, "stream_options": {"include_usage": True}, **fields}
        request = urllib.request.Request(STAGE.moerge.url + "/v1/chat/completions",
                                         json.dumps(body).encode(), {"content-type": "application/json"})
        response = urllib.request.urlopen(request, timeout=PATIENCE)

        def events():
            for line in response:
                if line.startswith(b"data: ") and line.strip() != b"data: [DONE]":
                    yield json.loads(line[6:])
        return response, events()

    def test_chat_has_the_engines_own_usage(self):
        for expert in ("small", "second"):
            reply = self.answered(expert, "What is the capital of France?")
            self.assertTrue(text_of(reply).strip())
            self.assertEqual(reply["model"], expert)
            usage = reply["usage"]
            self.assertTrue(usage["prompt_tokens"] > 5 and 1 <= usage["completion_tokens"] <= 24, usage)

    def test_a_stream_comes_in_pieces_and_counts(self):
        response, events = self.stream("small", "Tell me of Paris.", max_tokens=16)
        with response:
            chunks = list(events)
        pieces = [chunk["choices"][0]["delta"].get("content") for chunk in chunks if chunk["choices"]]
        self.assertGreater(sum(1 for piece in pieces if piece), 5)
        self.assertEqual(chunks[-1]["choices"], [])
        self.assertLessEqual(chunks[-1]["usage"]["completion_tokens"], 16)

    def test_it_stops_where_it_is_told_to(self):
        reply = self.answered("small", "Count from one to ten: 1, 2, 3, 4,", stop=[","], max_tokens=40)
        self.assertNotIn(",", text_of(reply))
        self.assertEqual(reply["choices"][0]["finish_reason"], "stop")

    def test_a_limit_cuts(self):
        reply = self.answered("small", "Tell me a long story.", max_tokens=5)
        self.assertEqual(reply["choices"][0]["finish_reason"], "length")
        self.assertEqual(reply["usage"]["completion_tokens"], 5)

    def test_an_answer_by_a_schema(self):
        schema = {"type": "object", "properties": {"city": {"type": "string", "maxLength": 20},
                                                   "large": {"type": "boolean"}},
                  "required": ["city", "large"], "additionalProperties": False}
        form = {"type": "json_schema", "json_schema": {"name": "place", "strict": True, "schema": schema}}
        for expert in ("small", "second"):
            reply = self.answered(expert, "Describe Rome in JSON.", response_format=form, max_tokens=60)
            place = json.loads(text_of(reply))
            self.assertEqual((set(place), type(place["large"])), ({"city", "large"}, bool))

    def test_log_probabilities(self):
        reply = self.answered("small", "Say yes or no.", logprobs=True, top_logprobs=3, max_tokens=3)
        tokens = reply["choices"][0]["logprobs"]["content"]
        self.assertEqual(len(tokens), reply["usage"]["completion_tokens"])
        for token in tokens:
            self.assertLessEqual(token["logprob"], 0)
            self.assertEqual(len(token["top_logprobs"]), 3)

    def test_whoever_leaves_ends_the_engines_work(self):
        busy = lambda: any(slot["is_processing"] for slot in STAGE.second.get("/slots"))  # noqa: E731
        response, events = self.stream("second", "Write a very long story.", max_tokens=4000)
        for _ in range(3):
            next(events)
        self.assertTrue(busy())
        response.close()
        self.assertTrue(eventually(lambda: not busy()))

    def test_a_prompt_too_long_names_the_field_and_goes_on_to_a_larger_context(self):
        prompt = "The quick brown fox jumps over the lazy dog. " * 60
        status, refused = STAGE.ask("small", prompt)
        self.assertEqual((status, refused["error"]["code"]), (400, "context_length_exceeded"), refused)
        reply = self.answered("auto", prompt, moerge={"experts": ["small", "second"]})
        self.assertEqual(reply["moerge"]["expert"], "second")
        self.assertGreater(reply["usage"]["prompt_tokens"], 512)

    def test_an_engine_that_unloaded_its_model_loads_it_again(self):
        self.answered("sleeper", "Hi")
        awake = STAGE.sleeper.memory()
        self.assertTrue(eventually(lambda: STAGE.sleeper.memory() < awake - 50), STAGE.sleeper.memory())
        self.assertTrue(text_of(self.answered("sleeper", "Hi")))
        self.assertGreater(STAGE.sleeper.memory(), awake - 50)

    def test_moerge_starts_and_ends_models_itself(self):
        program = STAGE.managed(sys.argv[1])
        try:
            for expert, model in (("first", "one"), ("second", "two"), ("first", "one")):
                status, reply = STAGE.ask(expert, "Hi", at=program)
                self.assertEqual(status, 200, reply)
                self.assertTrue(reply["usage"]["completion_tokens"] > 0)
                models = servers.call(program.url + "/api/v1/residency")[1]["data"][0]["models"]
                loaded = [one["model"] for one in models if one["state"] == "loaded"]
                self.assertEqual(loaded, [model], models)
        finally:
            self.assertEqual(program.stop(), 0)

    def test_votes_and_cascades_ask_real_experts(self):
        for policy in ("both", "cheap-first"):  # either may be sure after the first answer
            reply = self.answered(f"moerge/{policy}", "What is 2 plus 3? Answer with the number alone.")
            self.assertIn(reply["moerge"]["aggregate"]["calls"], (1, 2))
            self.assertTrue(text_of(reply))

    def test_an_encoder_classifies(self):
        def demand(prompt):
            body = {"model": "moerge/vectors", "messages": [{"role": "user", "content": prompt}]}
            return servers.call(STAGE.moerge.url + "/v1/route", body=body)[1]["demand"]
        self.assertTrue(eventually(lambda: demand("What is 4 plus 4?")["classifier"] == "embedding"))
        wanted = {"Compute nineteen added to three.": "arithmetic", "Name Cuba's seat of government.": "capitals",
                  "Which Python statement starts a loop?": "code"}
        for prompt, skill in wanted.items():
            self.assertEqual(demand(prompt)["skills"][0]["skill"], skill, prompt)


def main():
    global STAGE
    began = time.monotonic()
    STAGE = staging.Stage(sys.argv[1], sys.argv[2])
    print(f"second is {STAGE.second_is}; all loaded after {time.monotonic() - began:.0f} s")
    try:
        loaded = unittest.defaultTestLoader.loadTestsFromTestCase(Models)
        result = unittest.TextTestRunner(verbosity=2).run(loaded)
    finally:
        STAGE.stop()
    bad = len({test.id() for test, _ in result.failures + result.errors})
    print(f"{result.testsRun - bad} passed, {bad} failed")
    return 1 if bad or not result.testsRun else 0


if __name__ == "__main__":
    sys.exit(main())
