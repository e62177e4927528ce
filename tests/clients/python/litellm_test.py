"""LiteLLM as a client of a running moerge."""
import json
import os
import unittest

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # it would fetch a newer one
import litellm  # noqa: E402

import suite  # noqa: E402

WEATHER = {"type": "function", "function": {
    "name": "weather", "description": "The weather in a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}


class LiteLlm(unittest.TestCase):
    def ask(self, messages, **fields):
        if isinstance(messages, str):
            messages = [{"role": "user", "content": messages}]
        return litellm.completion(model="openai/auto", api_base=suite.URL, api_key=suite.KEY,
                                  messages=messages, num_retries=0, **fields)

    def test_whole(self):
        reply = self.ask("The capital of Australia?", max_tokens=50)
        self.assertEqual(reply.choices[0].message.content, suite.TEXT)
        self.assertEqual(reply.usage.total_tokens, 27)

    def test_stream(self):
        chunks = list(self.ask("The capital of Australia?", stream=True,
                               stream_options={"include_usage": True}))
        self.assertEqual(litellm.stream_chunk_builder(chunks).choices[0].message.content, suite.TEXT)
        self.assertEqual(chunks[-1].usage.total_tokens, 27)

    def test_tools(self):
        for stream in (False, True):
            turns = [{"role": "user", "content": "The weather in Canberra?"}]
            reply = self.ask(turns, tools=[WEATHER], stream=stream)
            message = (litellm.stream_chunk_builder(list(reply)) if stream else reply).choices[0].message
            call = message.tool_calls[0]
            self.assertEqual(json.loads(call.function.arguments), {"city": "Canberra"})
            turns += [message.model_dump(),
                      {"role": "tool", "tool_call_id": call.id, "content": suite.TOOL_SAYS}]
            said = self.ask(turns, tools=[WEATHER]).choices[0].message.content
            self.assertEqual(said, f"The tool said: {suite.TOOL_SAYS}")

    def test_embeddings(self):
        reply = litellm.embedding(model="openai/agent", api_base=suite.URL, api_key=suite.KEY,
                                  input=["a", "b"])
        self.assertEqual([row["embedding"] for row in reply.data], [suite.VECTOR] * 2)


if __name__ == "__main__":
    suite.run(__name__)
