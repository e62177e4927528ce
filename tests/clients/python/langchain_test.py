"""LangChain (langchain-openai) against a running moerge."""
import unittest

from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel

import suite


@tool
def weather(city: str) -> str:
    """The weather in a city."""
    return f"{suite.TOOL_SAYS} in {city}"


class Place(BaseModel):
    """A city and its country."""
    city: str
    country: str


class LangChain(unittest.TestCase):
    def setUp(self):
        self.model = ChatOpenAI(model="auto", base_url=suite.URL, api_key=suite.KEY, max_retries=0)

    def test_whole(self):
        reply = self.model.invoke([("system", "Be brief."), ("user", "The capital of Australia?")])
        self.assertEqual(reply.content, suite.TEXT)
        self.assertEqual(reply.usage_metadata["total_tokens"], 27)
        self.assertEqual(reply.response_metadata["finish_reason"], "stop")

    def test_stream(self):
        chunks = list(self.model.stream("The capital of Australia?", stream_usage=True))
        self.assertEqual("".join(chunk.content for chunk in chunks), suite.TEXT)
        self.assertGreater(sum(1 for chunk in chunks if chunk.content), 1)
        whole = chunks[0]
        for chunk in chunks[1:]:
            whole += chunk
        self.assertEqual(whole.usage_metadata["output_tokens"], 7)

    def _turn(self, ask):
        model = self.model.bind_tools([weather])
        turns = [HumanMessage("The weather in Canberra?")]
        called = ask(model, turns)
        self.assertEqual([(call["name"], call["args"]) for call in called.tool_calls],
                         [("weather", {"city": "Canberra"})])
        turns += [called, ToolMessage(weather.invoke(called.tool_calls[0]["args"]),
                                      tool_call_id=called.tool_calls[0]["id"])]
        return ask(model, turns).content

    def test_tools_whole(self):
        said = self._turn(lambda model, turns: model.invoke(turns))
        self.assertEqual(said, f"The tool said: {suite.TOOL_SAYS} in Canberra")

    def test_tools_streamed(self):
        def ask(model, turns):
            chunks = list(model.stream(turns))
            whole = chunks[0]
            for chunk in chunks[1:]:
                whole += chunk
            return whole
        self.assertEqual(self._turn(ask), f"The tool said: {suite.TOOL_SAYS} in Canberra")

    def test_structured_output(self):
        for method in ("json_schema", "json_mode"):
            place = self.model.with_structured_output(Place, method=method).invoke("JSON, please")
            self.assertEqual((place.city, place.country), ("Canberra", "Australia"))

    def test_embeddings(self):
        embedder = OpenAIEmbeddings(model="agent", base_url=suite.URL, api_key=suite.KEY,
                                    check_embedding_ctx_length=False)
        self.assertEqual(embedder.embed_documents(["a", "b"]), [suite.VECTOR] * 2)


if __name__ == "__main__":
    suite.run(__name__)
