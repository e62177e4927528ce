"""PydanticAI, which checks every reply by the letter of OpenAI's schema, against a running moerge."""
import unittest

from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

import suite


class Place(BaseModel):
    city: str
    country: str


def weather(city: str) -> str:
    """The weather in a city."""
    return f"{suite.TOOL_SAYS} in {city}"


class PydanticAi(unittest.IsolatedAsyncioTestCase):
    def agent(self, **options):
        provider = OpenAIProvider(base_url=suite.URL, api_key=suite.KEY)
        return Agent(OpenAIChatModel("auto", provider=provider), retries=0, **options)

    async def test_whole(self):
        result = await self.agent(system_prompt="Be brief.").run("The capital of Australia?")
        self.assertEqual(result.output, suite.TEXT)

    async def test_stream(self):
        async with self.agent().run_stream("The capital of Australia?") as result:
            pieces = [piece async for piece in result.stream_text(delta=True, debounce_by=None)]
        self.assertEqual("".join(pieces), suite.TEXT)
        self.assertGreater(len(pieces), 1)

    async def test_a_tool(self):
        result = await self.agent(tools=[weather]).run("The weather in Canberra?")
        self.assertEqual(result.output, f"The tool said: {suite.TOOL_SAYS} in Canberra")

    async def test_a_tool_in_a_stream(self):
        async with self.agent(tools=[weather]).run_stream("The weather in Canberra?") as result:
            self.assertEqual(await result.get_output(),
                             f"The tool said: {suite.TOOL_SAYS} in Canberra")

    async def test_structured_output(self):
        result = await self.agent(output_type=Place).run("Where is the capital?")
        self.assertEqual(result.output, Place(city="Canberra", country="Australia"))


if __name__ == "__main__":
    suite.run(__name__)
