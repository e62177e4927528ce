// The makes of model servers, with what a new one of each starts from.
import type {Backend} from "../lib/types";

export interface ServerKind {
  key: string;
  title: string;
  fields: Pick<Backend, "name" | "protocol" | "base_url" | "api_key_env">;
}

export const KINDS: ServerKind[] = [
  {key: "ollama", title: "Ollama", fields: {name: "ollama", protocol: "ollama", base_url: "http://127.0.0.1:11434", api_key_env: ""}},
  {key: "vllm", title: "vLLM", fields: {name: "vllm", protocol: "openai", base_url: "http://127.0.0.1:8000/v1", api_key_env: ""}},
  {key: "llamacpp", title: "llama.cpp or llama-swap", fields: {name: "llamacpp", protocol: "openai", base_url: "http://127.0.0.1:8081/v1", api_key_env: ""}},
  {key: "lmstudio", title: "LM Studio", fields: {name: "lmstudio", protocol: "openai", base_url: "http://127.0.0.1:1234/v1", api_key_env: ""}},
  {key: "openai", title: "OpenAI", fields: {name: "openai", protocol: "openai", base_url: "https://api.openai.com/v1", api_key_env: "OPENAI_API_KEY"}},
  {key: "anthropic", title: "Anthropic", fields: {name: "anthropic", protocol: "anthropic", base_url: "https://api.anthropic.com", api_key_env: "ANTHROPIC_API_KEY"}},
  {key: "other", title: "Another server with OpenAI's API", fields: {name: "", protocol: "openai", base_url: "", api_key_env: ""}},
];

// What a person types of an address, with the scheme that is left out of most. Pure.
export function withScheme(address: string): string {
  const text = address.trim();
  return text && !/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? `http://${text}` : text;
}
