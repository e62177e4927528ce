// Vercel's AI SDK with its provider for OpenAI-compatible servers, against a running moerge.
import assert from "node:assert/strict";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { embedMany, generateObject, generateText, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";
import { report } from "./report.mjs";

// What the scripted expert says, see ../agent_expert.py.
const TEXT = "Canberra is the capital of Australia.";
const provider = createOpenAICompatible({
  name: "moerge",
  baseURL: `${process.env.MOERGE_CLIENTS_URL}/v1`,
  apiKey: process.env.MOERGE_TEST_KEY,
  includeUsage: true,
  supportsStructuredOutputs: true,
});
const model = provider("auto");
const weather = tool({
  description: "The weather in a city.",
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `21 degrees in ${city}`,
});
const withTool = {
  model, maxRetries: 0, prompt: "The weather in Canberra?", tools: { weather }, stopWhen: stepCountIs(3),
};

await report({
  async whole() {
    const reply = await generateText({ model, system: "Be brief.", prompt: "The capital?", maxRetries: 0 });
    assert.equal(reply.text, TEXT);
    assert.equal(reply.finishReason, "stop");
    assert.equal(reply.usage.totalTokens, 27);
  },

  async stream() {
    const stream = streamText({ model, prompt: "The capital?", maxRetries: 0 });
    const pieces = [];
    for await (const piece of stream.textStream) pieces.push(piece);
    assert.equal(pieces.join(""), TEXT);
    assert.ok(pieces.length > 1);
    assert.equal((await stream.usage).outputTokens, 7);
  },

  async "a tool and its answer"() {
    const reply = await generateText(withTool);
    assert.equal(reply.text, "The tool said: 21 degrees in Canberra");
    assert.equal(reply.steps.length, 2);
  },

  async "a tool in a stream"() {
    const stream = streamText(withTool);
    assert.equal(await stream.text, "The tool said: 21 degrees in Canberra");
    assert.deepEqual((await stream.steps)[0].toolCalls[0].input, { city: "Canberra" });
  },

  async "an object by a schema"() {
    const schema = z.object({ city: z.string(), country: z.string() });
    const { object } = await generateObject({ model, schema, prompt: "The capital?", maxRetries: 0 });
    assert.deepEqual(object, { city: "Canberra", country: "Australia" });
  },

  async embeddings() {
    const embedder = provider.textEmbeddingModel("agent");
    const { embeddings } = await embedMany({ model: embedder, values: ["a", "b"], maxRetries: 0 });
    assert.deepEqual(embeddings, [[0.25, -0.5, 1], [0.25, -0.5, 1]]);
  },
});
