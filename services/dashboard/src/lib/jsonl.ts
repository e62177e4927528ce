// Files of requests: what is in one before it is sent, and one made of lines of text. Pure.

export const JSON_LINES = "application/x-ndjson";

export interface Checked {
  lines: number;
  error: string | null;  // of the first line that is no request
}

export function checkRequests(text: string): Checked {
  let lines = 0;
  for (const [index, line] of text.split("\n").entries()) {
    if (!line.trim()) continue;
    lines++;
    const wrong = wrongLine(line);
    if (wrong) return {lines, error: `Line ${index + 1}: ${wrong}`};
  }
  return lines ? {lines, error: null} : {lines, error: "The file is empty."};
}

function wrongLine(line: string): string | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return "it is not JSON.";
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "it is no JSON object.";
  if (!("custom_id" in value)) return "custom_id is missing.";
  if (!("body" in value)) return "body is missing: the chat request.";
  return null;
}

export function requestsOf(prompts: string, model: string): string {
  return prompts.split("\n").filter((line) => line.trim()).map((prompt, index) => JSON.stringify({
    custom_id: `line-${index + 1}`, method: "POST", url: "/v1/chat/completions",
    body: {model, messages: [{role: "user", content: prompt}]},
  })).join("\n") + "\n";
}

export interface InputLine {
  line: number;
  text: string;  // what the last message says
}

// The lines of an input file by their custom_id.
export function inputsOf(text: string): Map<string, InputLine> {
  const found = new Map<string, InputLine>();
  for (const [index, line] of text.split("\n").entries()) {
    try {
      const one = JSON.parse(line) as {custom_id?: string; body?: {messages?: {content?: unknown}[]; input?: unknown}};
      const content = one.body?.messages?.at(-1)?.content ?? one.body?.input ?? "";
      if (one.custom_id != null) found.set(one.custom_id, {line: index + 1, text: typeof content === "string" ? content : JSON.stringify(content)});
    } catch {
      // No request: it has no answer either.
    }
  }
  return found;
}

export interface Result {
  id: string;
  status: number | null;
  text: string;
}

interface OutputLine {
  custom_id?: string;
  response?: {status_code?: number; body?: {choices?: {message?: {content?: string}}[]; error?: {message?: string}}} | null;
  error?: {message?: string} | null;
}

// The lines of an output or error file.
export function resultsOf(text: string): Result[] {
  return text.split("\n").filter((line) => line.trim()).map((line) => {
    try {
      const one = JSON.parse(line) as OutputLine;
      const body = one.response?.body;
      return {
        id: one.custom_id ?? "", status: one.response?.status_code ?? null,
        text: body?.choices?.[0]?.message?.content ?? body?.error?.message ?? one.error?.message ?? "",
      };
    } catch {
      return {id: "", status: null, text: line};
    }
  });
}
