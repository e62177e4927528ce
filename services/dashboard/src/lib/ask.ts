// A request of the playground: decided, asked as a stream, its kept decision fetched when it is done.
import {ApiError, call, get, send, wordsOf} from "./api";
import {readEvents} from "./sse";
import type {Decision} from "./types";

export interface Question {
  policy: string;  // what a client would say as model: auto, moerge/NAME or an expert
  user: string;
  system: string;
  maxTokens: number | null;
}

export interface Member {
  expert: string;
  role: string;
  state: "asked" | "answered" | "failed";
  error?: string;
}

export interface Run {
  policy: string;
  state: "deciding" | "decided" | "asking" | "done" | "failed";
  text: string;
  members: Member[];
  decision: Decision | null;  // the dry run's, then the kept one's
  kept: boolean;
  error: string | null;
  firstMs: number | null;
  totalMs: number | null;
}

export const newRun = (policy: string): Run => (
  {policy, state: "deciding", text: "", members: [], decision: null, kept: false, error: null, firstMs: null, totalMs: null});

interface Progress {
  event: "asked" | "answered" | "failed";
  expert: string;
  role: string;
  error?: string;
}

interface Chunk {
  choices?: {delta?: {content?: string | null}; message?: {content?: string | null}}[];
  moerge?: {decision?: string} & Partial<Progress>;
  error?: {message?: string};
}

export function bodyOf(question: Question): Record<string, unknown> {
  const messages = [...(question.system ? [{role: "system", content: question.system}] : []), {role: "user", content: question.user}];
  return {model: question.policy, messages, ...(question.maxTokens ? {max_tokens: question.maxTokens} : {})};
}

// The state of a call after an event about it: one expert may be asked more than once.
export function withProgress(members: Member[], progress: Progress): Member[] {
  if (progress.event === "asked") return [...members, {expert: progress.expert, role: progress.role, state: "asked"}];
  const at = members.findIndex((one) => one.expert === progress.expert && one.role === progress.role && one.state === "asked");
  if (at < 0) return members;
  const changed: Member = {...members[at]!, state: progress.event, ...(progress.error ? {error: progress.error} : {})};
  return members.map((one, index) => (index === at ? changed : one));
}

export async function decide(question: Question, signal: AbortSignal): Promise<Decision> {
  return call<Decision>("POST", "/v1/route", {body: bodyOf(question), signal});
}

// A decision is written in the background: shortly after the answer it may not be there yet.
async function keptDecision(id: string, signal: AbortSignal): Promise<Decision | null> {
  for (let turn = 0; turn < 20; turn++) {
    try {
      return await get<Decision>(`/api/v1/decisions/${id}`, signal);
    } catch (error) {
      if (!(error instanceof ApiError) || (error.status !== 503 && error.status !== 404)) return null;
      await new Promise((resolve) => setTimeout(resolve, 100 + turn * 50));
    }
  }
  return null;
}

const BROKEN = "The connection to moerge broke off before the answer was whole. Ask again when it is back.";

// Changes `run` through `change` until the answer is there; never throws.
export async function ask(question: Question, signal: AbortSignal, change: (patch: (run: Run) => Run) => void): Promise<void> {
  const begin = performance.now();
  const since = () => performance.now() - begin;
  let id: string | null = null;
  try {
    const body = {...bodyOf(question), stream: true, moerge: {progress: true}};
    const reply = await send("POST", "/v1/chat/completions", {body, signal});
    id = reply.headers.get("x-moerge-decision");
    let whole = false;
    const read = readEvents(reply, ({event, data}) => {
      whole ||= data === "[DONE]";
      if (whole) return;
      const chunk = JSON.parse(data) as Chunk;
      id ??= chunk.moerge?.decision ?? null;
      if (event === "moerge" && chunk.moerge?.event) {
        change((run) => ({...run, members: withProgress(run.members, chunk.moerge as Progress)}));
      } else if (chunk.error) {
        throw new Error(chunk.error.message ?? "The stream broke off.");
      } else {
        const piece = chunk.choices?.[0]?.delta?.content ?? "";
        if (piece) change((run) => ({...run, text: run.text + piece, firstMs: run.firstMs ?? since()}));
        if (chunk.moerge?.decision) id = chunk.moerge.decision;
      }
    });
    await read.catch((error: unknown) => {
      throw error instanceof TypeError ? new Error(BROKEN) : error;  // a browser's own words for a lost connection
    });
    if (!whole) throw new Error(BROKEN);
    change((run) => ({...run, state: "done", totalMs: since()}));
  } catch (error) {
    if (signal.aborted) change((run) => ({...run, state: "failed", error: "Stopped."}));
    else change((run) => ({...run, state: "failed", error: wordsOf(error), totalMs: since()}));
  }
  if (!id || signal.aborted) return;
  const decision = await keptDecision(id, signal).catch(() => null);
  if (decision) change((run) => ({...run, decision, kept: true}));
}
