// Keys' secrets are shown once. One that was made is kept here, outside every page and form, until the person
// says that they have it: making it may end the very session that asked for it, and with it the page.
import {signal} from "@preact/signals";
import {call, loadSession, reloadAll} from "./api";
import {namePath} from "./query";
import type {ApiKey} from "./types";

export const madeSecret = signal<{name: string; text: string} | null>(null);

async function making(path: string, body: unknown): Promise<void> {
  const made = await call<ApiKey>("POST", path, {body});
  if (made.secret) madeSecret.value = {name: made.name, text: made.secret};
}

export const createKey = (body: unknown) => making("/api/v1/keys", body);
export const rotateKey = (name: string) => making(`/api/v1/keys/${namePath(name)}/rotate`, {});

// The person has it. It may be that this page has to log in with it.
export async function forgetSecret(): Promise<void> {
  madeSecret.value = null;
  await loadSession().catch(() => undefined);
  reloadAll();
}
