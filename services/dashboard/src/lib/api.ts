// Calls of the API on the page's own origin. Errors are ApiError, in words for the person who looks.
import {signal} from "@preact/signals";
import type {Session} from "./types";

export const session = signal<Session | null>(null);
// False while the server cannot be reached.
export const online = signal(true);
// Counts up when everything shown should be loaded again.
export const epoch = signal(0);

export class ApiError extends Error {
  constructor(
    message: string, readonly status: number, readonly code: string | null = null,
    readonly param: string | null = null) {
    super(message);
  }
  // The server is of a kind that has no such path.
  get notOffered(): boolean {
    return this.code === "unknown_path" || this.status === 405;
  }
}

export interface CallOptions {
  body?: unknown;
  raw?: BodyInit;  // in place of `body`
  type?: string;   // of `raw`; FormData names its own
  ifMatch?: string | null;
  signal?: AbortSignal;
}

interface ErrorBody {
  error?: {message?: string; code?: string | null; param?: string | null};
}

// The reply as it is; an ApiError unless its status is 2xx.
export async function send(method: string, path: string, options: CallOptions = {}): Promise<Response> {
  const headers: Record<string, string> = {};
  if (options.body !== undefined) headers["content-type"] = "application/json";
  if (options.type) headers["content-type"] = options.type;
  if (options.ifMatch) headers["if-match"] = options.ifMatch;
  if (method !== "GET" && session.value?.csrf) headers["x-csrf-token"] = session.value.csrf;
  let reply: Response;
  try {
    reply = await fetch(path, {
      method, headers, signal: options.signal ?? null, credentials: "same-origin", cache: "no-store",
      body: options.body !== undefined ? JSON.stringify(options.body) : options.raw ?? null,
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    online.value = false;
    const next = method === "GET" ? "this page tries again by itself" : "try again when the connection is back";
    throw new ApiError(`moerge cannot be reached. It may be stopped or restarting; ${next}.`, 0);
  }
  if (reply.ok) return reply;
  throw await errorOf(reply);
}

async function errorOf(reply: Response): Promise<ApiError> {
  let body: ErrorBody = {};
  try {
    body = (await reply.json()) as ErrorBody;
  } catch {
    // No JSON: the status has to do.
  }
  if (reply.status === 401 && session.value?.role) session.value = LOGGED_OUT;
  const message = body.error?.message ?? `The server answered with status ${reply.status} and no explanation.`;
  return new ApiError(message, reply.status, body.error?.code ?? null, body.error?.param ?? null);
}

export async function call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
  const reply = await send(method, path, options);
  const text = await reply.text();
  return (text ? JSON.parse(text) : null) as T;
}

export const get = <T>(path: string, signal?: AbortSignal) => call<T>("GET", path, signal ? {signal} : {});

// Shows what changed everywhere on the page.
export function reloadAll(): void {
  epoch.value++;
}

export function wordsOf(error: unknown): string {
  if (error instanceof ApiError && error.status === 412) return `It was changed by another program or person meanwhile, so nothing was saved. Close this form and open it again to see the newer state. (${error.message})`;
  if (error instanceof ApiError && error.notOffered) return "This server does not offer this.";
  // A field's error is worded to stand under it; elsewhere it needs the name.
  if (error instanceof ApiError && error.param && error.message.startsWith("must ")) return `${error.param} ${error.message}`;
  if (error instanceof Error) return error.message;
  return String(error);
}

const LOGGED_OUT: Session = {login_required: true, key: null, role: null, csrf: ""};

export async function loadSession(): Promise<void> {
  try {
    session.value = await get<Session>("/api/v1/session");
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === 0) throw error;
    // A server without sessions lets this page in as far as it lets any program in.
    if (error.notOffered) session.value = {login_required: false, key: null, role: "admin", csrf: ""};
    else if (error.status === 401) session.value = LOGGED_OUT;
    else throw error;
  }
}

export async function logIn(key: string): Promise<void> {
  await call("POST", "/api/v1/session", {body: {key}});
  await loadSession();
  reloadAll();
}

export async function logOut(): Promise<void> {
  await call("DELETE", "/api/v1/session");
  await loadSession();
}
