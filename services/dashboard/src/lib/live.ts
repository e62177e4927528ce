// The server's live events, and whether it can be reached. One connection for the whole page.
import {signal} from "@preact/signals";
import {ApiError, online, reloadAll, send, session} from "./api";
import {readEvents} from "./sse";
import type {DecisionRow} from "./types";

export type LiveState = "off" | "connecting" | "live" | "absent";  // absent: this server has no such stream

export const liveState = signal<LiveState>("off");
// The newest `status` event, as it came.
export const liveStatus = signal<Record<string, number> | null>(null);
// Set for a while after the connection is back.
export const regained = signal(false);

type Listener = (row: DecisionRow) => void;
const listeners = new Set<Listener>();

export function onDecision(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function reached(): void {
  online.value = true;
  regained.value = true;
  setTimeout(() => (regained.value = false), 6000);
  reloadAll();
}

function take(event: string, data: string): void {
  if (!online.value) reached();  // a call failed, and the server is there
  try {
    const value: unknown = JSON.parse(data);
    if (event === "decision") for (const listener of listeners) listener(value as DecisionRow);
    if (event === "missed") reloadAll();
    if (event === "status") liveStatus.value = value as Record<string, number>;
  } catch {
    // Half an event of a connection that ended.
  }
}

async function follow(): Promise<void> {
  liveState.value = "connecting";
  const reply = await send("GET", "/api/v1/events");
  liveState.value = "live";
  await readEvents(reply, ({event, data}) => take(event, data));
}

// Until the server answers again.
async function waitForServer(): Promise<void> {
  for (let wait = 500; ; wait = Math.min(wait * 1.5, 5000)) {
    try {
      await fetch("/health", {cache: "no-store"});
      return reached();
    } catch {
      await pause(wait);
    }
  }
}

// A server without the stream, or with too many readers of it, is asked now and then whether it is there; after
// a minute the stream is tried again.
async function watchHealth(): Promise<void> {
  for (let turn = 0; turn < 12 && online.value && !session.value?.login_required; turn++) {
    await pause(5000);
    if (document.hidden) continue;
    try {
      await fetch("/health", {cache: "no-store"});
    } catch {
      online.value = false;
    }
  }
}

export async function runLive(): Promise<never> {
  for (;;) {
    if (!online.value) await waitForServer();
    if (!session.value || session.value.login_required) {
      await pause(300);
      continue;
    }
    try {
      await follow();
      liveState.value = "off";
      await pause(300);
      await send("GET", "/health");
    } catch (error) {
      const absent = error instanceof ApiError && error.status !== 0;
      liveState.value = absent ? "absent" : "off";
      if (absent) await watchHealth();
    }
  }
}
