"""LlamaIndex (llama-index-llms-openai-like) against a running moerge."""
import unittest

from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.llms.openai_like import OpenAILike

import suite


def weather(city: str) -> str:
    """The weather in a city."""
    return f"{suite.TOOL_SAYS} in {city}"


class LlamaIndex(unittest.TestCase):
    def setUp(self):
        self.model = OpenAILike(model="auto", api_base=suite.URL, api_key=suite.KEY,
                                is_chat_model=True, is_function_calling_model=True, max_retries=0)

    def test_whole(self):
        turns = [ChatMessage(role="system", content="Be brief."),
                 ChatMessage(role="user", content="The capital of Australia?")]
        self.assertEqual(self.model.chat(turns).message.content, suite.TEXT)
        self.assertEqual(self.model.complete("The capital of Australia?").text, suite.TEXT)

    def test_stream(self):
        pieces = list(self.model.stream_complete("The capital of Australia?"))
        self.assertEqual(pieces[-1].text, suite.TEXT)
        self.assertGreater(len(pieces), 2)

    def test_a_tool(self):
        tool = FunctionTool.from_defaults(weather)
        reply = self.model.chat_with_tools([tool], user_msg="The weather in Canberra?")
        calls = self.model.get_tool_calls_from_response(reply)
        self.assertEqual([(call.tool_name, call.tool_kwargs) for call in calls],
                         [("weather", {"city": "Canberra"})])

    def test_a_tool_in_a_stream_and_its_answer(self):
        tool = FunctionTool.from_defaults(weather)
        turns = [ChatMessage(role="user", content="The weather in Canberra?")]
        for reply in self.model.stream_chat_with_tools([tool], chat_history=turns):
            last = reply
        call = self.model.get_tool_calls_from_response(last)[0]
        self.assertEqual(call.tool_kwargs, {"city": "Canberra"})
        turns += [last.message, ChatMessage(role="tool", content=suite.TOOL_SAYS,
                                            additional_kwargs={"tool_call_id": call.tool_id})]
        said = self.model.chat(turns, tools=[tool.metadata.to_openai_tool()]).message.content
        self.assertEqual(said, f"The tool said: {suite.TOOL_SAYS}")


if __name__ == "__main__":
    suite.run(__name__)
