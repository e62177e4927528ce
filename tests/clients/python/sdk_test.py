"""The official OpenAI SDK for Python against a running moerge. stage.py starts it; see there."""
import base64
import json
import os
import pathlib
import struct
import sys
import unittest
import urllib.request

import openai

URL = os.environ["MOERGE_URL"]
KEY = os.environ["MOERGE_TEST_KEY"]
ADMIN_KEY = os.environ["MOERGE_TEST_ADMIN_KEY"]
DATA = pathlib.Path(os.environ["MINI_DATA"])
MERSENNE = "170141183460469231731687303715884105727"
PIXEL = ("data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY"
         "42YAAAAASUVORK5CYII=")


def rows(name):
    return [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]


QUESTIONS = rows("mini_table.jsonl")
REPLIES = {row["id"]: row["replies"] for row in rows("mini_replies.jsonl")}


def client(key=KEY, url=URL, **options):
    options = {"max_retries": 0, "timeout": 60, **options}
    return openai.OpenAI(api_key=key, base_url=url + "/v1", **options)


def user(content):
    return [{"role": "user", "content": content}]


def echoed(completion):
    """What the echoing expert received."""
    return json.loads(completion.choices[0].message.content)


class Chat(unittest.TestCase):
    def setUp(self):
        self.client = client()

    def ask(self, content, model="auto", **fields):
        return self.client.chat.completions.create(model=model, messages=user(content), **fields)

    def test_every_question_gets_the_whole_reply_of_the_expert_that_is_named(self):
        right = 0
        for question in QUESTIONS:
            completion = self.ask(question["prompt"])
            expert = completion.moerge["expert"]
            self.assertEqual(completion.choices[0].message.content, REPLIES[question["id"]][expert])
            self.assertEqual(completion.model, expert)
            self.assertEqual(completion.choices[0].finish_reason, "stop")
            right += question["scores"][expert]
        self.assertGreaterEqual(right, 20, "the best model alone has 13 of 24 right")

    def test_an_expert_by_name_is_asked_and_nobody_else(self):
        completion = self.ask(QUESTIONS[0]["prompt"], model="remy")
        self.assertEqual(completion.choices[0].message.content, REPLIES["algebra-1"]["remy"])
        self.assertEqual(completion.moerge["policy"], "direct")

    def test_usage_is_the_experts(self):
        usage = self.ask("How long is this?", model="echo").usage
        self.assertEqual((usage.prompt_tokens, usage.completion_tokens, usage.total_tokens), (3, 5, 8))

    def test_headers_tell_the_decision(self):
        raw = self.client.chat.completions.with_raw_response.create(
            model="auto", messages=user(QUESTIONS[6]["prompt"]),
            extra_headers={"x-request-id": "from-the-sdk-1"})
        moerge = raw.parse().moerge
        self.assertEqual(raw.headers["x-request-id"], "from-the-sdk-1")
        self.assertEqual(raw.headers["x-moerge-expert"], moerge["expert"])
        self.assertEqual(raw.headers["x-moerge-skill"], "history")
        self.assertEqual(raw.headers["x-moerge-policy"], "auto")
        self.assertEqual(raw.headers["x-moerge-attempts"], "1")
        self.assertEqual(raw.headers["x-moerge-decision"], moerge["decision"])
        self.assertTrue(0 < float(raw.headers["x-moerge-confidence"]) <= 1)
        self.assertTrue(0 < float(raw.headers["x-moerge-overhead-ms"]) < 1000)

    def test_explain_brings_the_whole_decision(self):
        completion = self.ask(QUESTIONS[6]["prompt"], extra_body={"moerge": {"explain": True}})
        decision = completion.moerge["explanation"]
        self.assertEqual(decision["id"], completion.moerge["decision"])
        self.assertEqual(decision["demand"]["skills"][0]["skill"], "history")
        names = [candidate["expert"] for candidate in decision["candidates"]]
        self.assertIn(completion.moerge["expert"], names)
        self.assertEqual(decision["attempts"][0]["outcome"], "ok")

    def test_arithmetic_is_exact(self):
        completion = self.ask("What is 2^127 - 1?")
        self.assertIn(MERSENNE, completion.choices[0].message.content.replace(",", ""))
        self.assertEqual(completion.moerge["expert"], "arithmetic")

    def test_arithmetic_streams_too(self):
        chunks = list(self.ask("What is 2^127 - 1?", stream=True))
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
        self.assertIn(MERSENNE, text.replace(",", ""))
        self.assertEqual(chunks[-1].choices[0].finish_reason, "stop")


class Streams(unittest.TestCase):
    def setUp(self):
        self.client = client()

    def stream(self, question, **fields):
        return self.client.chat.completions.create(
            model="auto", messages=user(question["prompt"]), stream=True, **fields)

    def test_chunks_together_are_the_whole_reply(self):
        for question in QUESTIONS[::4]:
            chunks = list(self.stream(question))
            expert = chunks[0].moerge["expert"]
            text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
            self.assertEqual(text, REPLIES[question["id"]][expert])
            self.assertGreater(len(chunks), 5)
            self.assertEqual(chunks[-1].choices[0].finish_reason, "stop")

    def test_usage_comes_only_when_asked_for(self):
        with_usage = list(self.stream(QUESTIONS[0], stream_options={"include_usage": True}))
        self.assertGreater(with_usage[-1].usage.total_tokens, 0)
        self.assertEqual(with_usage[-1].choices, [])
        self.assertTrue(all(not chunk.usage for chunk in self.stream(QUESTIONS[0])))

    def test_leaving_ends_the_experts_work(self):
        stream = self.client.chat.completions.create(
            model="drip", messages=user("drip"), stream=True,
            extra_headers={"x-request-id": "python-leaves"})
        for count, _ in enumerate(stream):
            if count == 3:
                break
        stream.close()
        self.assertTrue(upstream_was_left("python-leaves"))

    def test_a_timeout_of_the_client_is_typed_and_ends_the_experts_work(self):
        impatient = client(timeout=0.5)
        with self.assertRaises(openai.APITimeoutError):
            impatient.chat.completions.create(
                model="drip", messages=user("drip"), extra_headers={"x-request-id": "python-waits"})
        self.assertTrue(upstream_was_left("python-waits"))


class Aggregates(unittest.TestCase):
    """Answers that several experts give together; the echoing expert writes what `synthesize` gives."""
    EXPERTS = ["ada", "clio", "remy"]
    WRITER = "echo"
    QUESTION = QUESTIONS[6]
    SAID = REPLIES[QUESTION["id"]]

    def ask(self, model, progress=False, writer=(), **fields):
        moerge = {"experts": [*self.EXPERTS, *writer], "progress": progress}
        return client().chat.completions.create(model=model, messages=user(self.QUESTION["prompt"]),
                                                extra_body={"moerge": moerge}, **fields)

    def stream(self, model, **fields):
        """The answer's text, its chunks and the events that tell of progress."""
        events = list(self.ask(model, stream=True, **fields))
        chunks = [event for event in events if event.object == "chat.completion.chunk"]
        told = [event for event in events if event.object == "moerge.progress"]
        self.assertEqual(len(events), len(chunks) + len(told))
        return "".join(c.choices[0].delta.content or "" for c in chunks if c.choices), chunks, told

    def test_a_vote_gives_the_winners_whole_reply_and_what_all_took(self):
        completion = self.ask("moerge/vote")
        aggregate = completion.moerge["aggregate"]
        self.assertEqual(completion.choices[0].message.content, self.SAID[completion.model])
        self.assertEqual((aggregate["name"], aggregate["failed"]), ("vote", []))
        self.assertEqual(aggregate["calls"], len(aggregate["experts"]))
        self.assertGreater(aggregate["calls"], 1)
        one = self.ask(completion.model).usage
        self.assertGreater(completion.usage.prompt_tokens, one.prompt_tokens)

    def test_a_vote_streams_with_the_same_usage(self):
        whole = self.ask("moerge/vote")
        text, chunks, told = self.stream("moerge/vote", stream_options={"include_usage": True})
        self.assertEqual(text, self.SAID[chunks[0].model])
        self.assertEqual(chunks[-1].usage.total_tokens, whole.usage.total_tokens)
        self.assertEqual(told, [])

    def test_the_writer_reads_all_answers_and_its_own_goes_to_the_client(self):
        completion = self.ask("moerge/synthesize", writer=[self.WRITER])
        read = echoed(completion)["body"]["messages"][-1]["content"]
        for expert in self.EXPERTS:
            self.assertIn(self.SAID[expert], read)
        self.assertEqual(completion.model, self.WRITER)
        self.assertEqual(completion.moerge["aggregate"]["calls"], 4)

    def test_nobody_outside_the_clients_choice_writes(self):
        completion = self.ask("moerge/synthesize")
        self.assertIn(completion.model, self.EXPERTS)
        self.assertLessEqual(set(completion.moerge["aggregate"]["experts"]), set(self.EXPERTS))

    def test_the_writer_streams(self):
        text, chunks, told = self.stream("moerge/synthesize", writer=[self.WRITER])
        self.assertIn(self.QUESTION["prompt"], json.loads(text)["body"]["messages"][-1]["content"])
        self.assertEqual((chunks[0].model, told), (self.WRITER, []))

    def test_progress_is_told_in_events_without_choices(self):
        for model in ("moerge/vote", "moerge/synthesize"):
            with self.subTest(model):
                text, _, told = self.stream(model, progress=True)
                self.assertTrue(text)
                self.assertTrue(all(event.choices == [] for event in told))
                events = [(event.moerge["event"], event.moerge["expert"]) for event in told]
                self.assertIn(("asked", "clio"), events)
                self.assertIn(("answered", "clio"), events)


def upstream_was_left(request_id):
    with urllib.request.urlopen(f"{os.environ['ECHO_URL']}/left/{request_id}") as reply:
        return json.loads(reply.read())["left"]


class PassedOn(unittest.TestCase):
    def send(self, content="hello", **fields):
        completion = client().chat.completions.create(model="echo", messages=user(content), **fields)
        return echoed(completion)

    def test_tools(self):
        tools = [{"type": "function", "function": {"name": "look_up", "description": "Looks up.",
                  "parameters": {"type": "object", "properties": {"key": {"type": "string"}}}}}]
        choice = {"type": "function", "function": {"name": "look_up"}}
        body = self.send(tools=tools, tool_choice=choice, parallel_tool_calls=False)["body"]
        self.assertEqual((body["tools"], body["tool_choice"]), (tools, choice))
        self.assertIs(body["parallel_tool_calls"], False)

    def test_images(self):
        parts = [{"type": "text", "text": "What is on it?"},
                 {"type": "image_url", "image_url": {"url": PIXEL, "detail": "low"}}]
        self.assertEqual(self.send(parts)["body"]["messages"], user(parts))

    def test_sampling_fields(self):
        fields = {"n": 2, "logprobs": True, "top_logprobs": 3, "seed": 7, "temperature": 0.25,
                  "top_p": 0.5, "stop": ["END"], "max_completion_tokens": 9, "logit_bias": {"11": -5},
                  "presence_penalty": 0.5, "frequency_penalty": -0.5, "user": "someone",
                  "response_format": {"type": "json_schema", "json_schema": {
                      "name": "pair", "strict": True, "schema": {"type": "object"}}}}
        body = self.send(**fields)["body"]
        self.assertEqual({key: body[key] for key in fields}, fields)

    def test_unknown_fields(self):
        body = self.send(extra_body={"top_k": 40, "vendor": {"deep": [1, {"a": None}]}})["body"]
        self.assertEqual(body["top_k"], 40)
        self.assertEqual(body["vendor"], {"deep": [1, {"a": None}]})

    def test_the_model_is_the_backends_and_moerges_own_field_stays_here(self):
        body = self.send(extra_body={"moerge": {"explain": True}})["body"]
        self.assertEqual(body["model"], "echo-1")
        self.assertNotIn("moerge", body)

    def test_keys_of_clients_are_not_passed_on(self):
        headers = self.send()["headers"]
        self.assertNotIn(KEY, json.dumps(headers))

    def test_ids_and_traces_are_passed_on(self):
        trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        headers = self.send(extra_headers={"x-request-id": "abc", "traceparent": trace})["headers"]
        self.assertEqual((headers["x-request-id"], headers["traceparent"]), ("abc", trace))

    def test_embeddings(self):
        reply = client().embeddings.create(model="echo", input=["a", "bcd"], encoding_format="float")
        self.assertEqual([item.embedding for item in reply.data], [[1.0, 0.5], [3.0, 0.5]])

    def test_embeddings_as_base64(self):
        reply = client().embeddings.create(model="echo", input=["a", "bcd"])  # asked for by default
        self.assertEqual([list(row.embedding) for row in reply.data], [[1, 0.5], [3, 0.5]])
        raw = client().embeddings.create(model="echo", input="bcd", encoding_format="base64")
        self.assertEqual(base64.b64decode(raw.data[0].embedding), struct.pack("<2f", 3, 0.5))

    def test_plain_completions(self):
        reply = client().completions.create(model="echo", prompt="Once")
        self.assertEqual(reply.choices[0].text, "Once!")


class Models(unittest.TestCase):
    def test_list(self):
        models = {model.id: model for model in client().models.list()}
        for name in ("auto", "moerge/strict", "ada", "clio", "remy", "arithmetic"):
            self.assertIn(name, models)
        self.assertEqual(models["auto"].object, "model")
        self.assertEqual(models["ada"].moerge["kind"], "llm")

    def test_retrieve(self):
        self.assertEqual(client().models.retrieve("ada").id, "ada")
        self.assertEqual(client().models.retrieve("auto").moerge["kind"], "policy")

    def test_retrieve_unknown(self):
        with self.assertRaises(openai.NotFoundError) as caught:
            client().models.retrieve("adda")
        self.assertEqual(caught.exception.code, "model_not_found")
        self.assertIn("ada", caught.exception.message)


class Batches(unittest.TestCase):
    def run_batch(self, lines):
        openai_client = client()
        file = openai_client.files.create(
            file=("questions.jsonl", "".join(json.dumps(line) + "\n" for line in lines).encode()),
            purpose="batch")
        batch = openai_client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions",
                                             completion_window="24h", metadata={"of": "the SDK"})
        while batch.status not in ("completed", "failed", "expired", "cancelled"):
            batch = openai_client.batches.retrieve(batch.id)
        return openai_client, batch

    def test_a_whole_batch(self):
        experts = ("ada", "clio", "remy")
        lines = [{"custom_id": row["id"], "method": "POST", "url": "/v1/chat/completions",
                  "body": {"model": experts[i % 3], "messages": user(row["prompt"])}}
                 for i, row in enumerate(QUESTIONS[:6])]
        lines.append({"custom_id": "lost", "method": "POST", "url": "/v1/chat/completions",
                      "body": {"model": "nobody", "messages": user("Hi")}})
        openai_client, batch = self.run_batch(lines)
        self.assertEqual(batch.status, "completed")
        self.assertEqual(batch.metadata, {"of": "the SDK"})
        self.assertEqual((batch.request_counts.total, batch.request_counts.completed,
                          batch.request_counts.failed), (7, 6, 1))
        wanted = {line["custom_id"]: line["body"]["model"] for line in lines}
        for text in openai_client.files.content(batch.output_file_id).text.splitlines():
            line = json.loads(text)
            said = line["response"]["body"]["choices"][0]["message"]["content"]
            self.assertEqual(said, REPLIES[line["custom_id"]][wanted[line["custom_id"]]])
        failure = json.loads(openai_client.files.content(batch.error_file_id).text)
        self.assertEqual((failure["custom_id"], failure["response"]["status_code"]), ("lost", 404))
        self.assertIn(batch.id, [one.id for one in openai_client.batches.list(limit=1)])
        self.assertTrue(openai_client.files.delete(batch.input_file_id).deleted)

    def test_wrong_lines_are_named(self):
        _, batch = self.run_batch([{"custom_id": "a"}])
        self.assertEqual(batch.status, "failed")
        self.assertEqual((batch.errors.data[0].line, batch.errors.data[0].param), (1, "method"))


class TypedErrors(unittest.TestCase):
    def caught(self, kind, key=KEY, messages=None, **fields):
        fields = {"model": "auto", "messages": user("Hi") if messages is None else messages, **fields}
        with self.assertRaises(kind) as caught:
            client(key).chat.completions.create(**fields)
        self.assertEqual(set(caught.exception.body), {"message", "type", "param", "code"})
        return caught.exception

    def test_wrong_key(self):
        error = self.caught(openai.AuthenticationError, key="some-other-key-of-nobody")
        self.assertEqual((error.status_code, error.code), (401, "invalid_api_key"))

    def test_unknown_model(self):
        error = self.caught(openai.NotFoundError, model="clia")
        self.assertEqual((error.status_code, error.code), (404, "model_not_found"))
        self.assertIn("clio", error.message)

    def test_bad_values_name_the_field(self):
        for field, value in (("temperature", "hot"), ("n", "two"), ("top_logprobs", "many"), ("stop", 5)):
            with self.subTest(field):
                self.assertEqual(self.caught(openai.BadRequestError, **{field: value}).param, field)

    def test_bad_messages_name_the_place(self):
        error = self.caught(openai.BadRequestError, messages=[])
        self.assertEqual(error.param, "messages")
        error = self.caught(openai.BadRequestError, messages=[{"role": 7, "content": "Hi"}])
        self.assertEqual(error.param, "messages[0].role")

    def test_rate_limit_of_the_expert(self):
        error = self.caught(openai.RateLimitError, messages=user(QUESTIONS[0]["prompt"]), model="limited")
        self.assertEqual(error.status_code, 429)

    def test_no_expert_fits(self):
        error = self.caught(openai.InternalServerError, model="moerge/strict",
                            messages=user(QUESTIONS[6]["prompt"]))
        self.assertEqual((error.status_code, error.code), (503, "no_expert"))
        self.assertIn("history", error.message)
        self.assertEqual(error.response.headers["x-should-retry"], "false")

    def test_embeddings_cannot_be_routed(self):
        with self.assertRaises(openai.BadRequestError) as caught:
            client().embeddings.create(model="auto", input="x")
        self.assertEqual(caught.exception.param, "model")

    def test_administration_wants_another_key(self):
        with self.assertRaises(openai.PermissionDeniedError):
            client().get("/../api/v1/experts", cast_to=object)
        listed = client(ADMIN_KEY).get("/../api/v1/experts", cast_to=object)
        self.assertIn("ada", [expert["name"] for expert in listed["data"]])


class Faults(unittest.TestCase):
    """Experts that fail, with a sound one behind them."""

    def setUp(self):
        self.client = client(url=os.environ["MOERGE_FAULTY_URL"], key="none-is-needed-here")
        self.fields = {"model": "auto", "messages": user(QUESTIONS[0]["prompt"])}

    def create(self, *experts, **fields):
        return self.client.chat.completions.create(
            **self.fields, **fields, extra_body={"moerge": {"experts": experts, "explain": True}})

    def test_errors_and_garbage_fall_back_to_the_next_expert(self):
        for faulty in ("errors", "garbage", "cut"):
            with self.subTest(faulty):
                completion = self.create(faulty, "solid")
                self.assertEqual(completion.choices[0].message.content, REPLIES["algebra-1"]["ada"])
                self.assertEqual(completion.moerge["expert"], "solid")
                attempts = completion.moerge["explanation"]["attempts"]
                self.assertEqual([(a["expert"], a["outcome"]) for a in attempts],
                                 [(faulty, "failed"), ("solid", "ok")])

    def test_streams_fall_back_before_their_first_byte(self):
        for faulty in ("errors", "garbage"):
            with self.subTest(faulty):
                chunks = list(self.create(faulty, "solid", stream=True))
                text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
                self.assertEqual(text, REPLIES["algebra-1"]["ada"])

    def test_a_cut_stream_is_an_error_and_never_a_complete_answer(self):
        seen = []
        with self.assertRaises(openai.APIError):
            for chunk in self.create("cut", "solid", stream=True):
                seen.append(chunk)
        self.assertTrue(seen)
        self.assertTrue(all(chunk.choices[0].finish_reason is None for chunk in seen))

    def test_when_all_fail_the_error_is_typed(self):
        with self.assertRaises(openai.InternalServerError) as caught:
            self.create("errors")
        self.assertEqual(set(caught.exception.body), {"message", "type", "param", "code"})


if __name__ == "__main__":
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__])
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    failed = {getattr(test, "test_case", test).id() for test, _ in result.failures + result.errors}
    bad = len(failed)  # a test counts once, however many of its parts failed
    print(f"{result.testsRun - bad} passed, {bad} failed")
    sys.exit(1 if bad or not result.testsRun else 0)
