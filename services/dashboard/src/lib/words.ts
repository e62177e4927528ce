// The API's own words as lists show them, each explained in one sentence. The one place for them; a test compares it with
// what openapi.json says that there is. Pure.
import type {Tone} from "../ui/basics";

export interface Word {
  text: string;
  tone: Tone;
  why: string;  // empty: nothing is known of it
}

type Entry = [text: string, tone: Tone, why: string];

const TABLES = {
  // How a request ended.
  request: {
    ok: ["ok", "good", "It was answered."],
    error: ["error", "bad", "It was refused, or no expert could answer it; its page says why."],
    cancelled: ["cancelled", "warn", "The client left before the answer was whole."],
    dry_run: ["dry run", "info", "Only the decision was asked for: no expert was called."],
  },
  // How one call of an expert ended.
  call: {
    ok: ["ok", "good", "It answered."],
    failed: ["failed", "bad", "It gave an error; the next try or expert followed, if there was one."],
    declined: ["declined", "plain", "A tool that was not sure of its answer and left the request to the next expert."],
    skipped: ["skipped", "plain", "It was not asked: that would have gone beyond a limit of the request."],
    cancelled: ["cancelled", "warn", "It was broken off: its answer was no longer needed, or the client had left."],
  },
  // How far a batch or an evaluation is.
  work: {
    validating: ["validating", "info", "Its lines are read; none has been asked yet."],
    in_progress: ["in progress", "info", "Its lines are being answered."],
    running: ["running", "info", "Experts are being asked."],
    finalizing: ["finalizing", "info", "All is answered; the results are being written."],
    completed: ["completed", "good", "It is done; its results are there."],
    failed: ["failed", "bad", "It could not be done; its page says why."],
    expired: ["expired", "warn", "Its time ran out; what was answered by then is there."],
    cancelling: ["cancelling", "warn", "It is to be cancelled; calls that are under way are still ending."],
    cancelled: ["cancelled", "warn", "Somebody cancelled it; what was answered by then is there."],
  },
  // Where a model is on its device.
  model: {
    out: ["not loaded", "plain", "It is not in the device's memory; it is loaded when it is asked."],
    loading: ["loading", "info", "It is being loaded; calls wait for it."],
    loaded: ["loaded", "good", "It is in the device's memory and answers at once."],
    draining: ["draining", "warn", "It makes room for another model once its calls have ended."],
    failed: ["failed", "bad", "It could not be loaded; it is left alone for a while and then tried again."],
  },
  // Where its weights are.
  tier: {
    disk: ["not loaded", "plain", "Its weights are on the disk alone; it is loaded when it is asked."],
    host: ["asleep", "info", "Its weights are in the host's memory, from where they come back faster than from the disk."],
    device: ["loaded", "good", "Its weights are in the device's memory."],
  },
  proposal: {
    open: ["open", "info", "It waits for your review; nothing is routed by it."],
    accepted: ["accepted", "good", "Its skills are part of the vocabulary."],
    rejected: ["rejected", "plain", "It was turned down and changes nothing."],
  },
  // Where an expert, backend, skill, policy or key is from.
  origin: {
    "built-in": ["built in", "plain", "Comes with moerge and cannot be changed."],
    file: ["from the file", "plain", "Stands in the configuration file: change it there, then reload."],
    store: ["added here", "plain", "Added through the dashboard or the API; can be changed here."],
  },
  setting: {
    default: ["default", "plain", "Nobody set it: this is moerge's own value."],
    file: ["file", "info", "It stands in the configuration file."],
    environment: ["environment", "warn", "A variable of the environment sets it, whatever the file says."],
    "command line": ["command line", "warn", "An argument of the command line sets it, whatever the file says."],
    api: ["api", "good", "It was set through the dashboard or the API."],
  },
  // What a key may do.
  key: {
    inference: ["inference", "plain", "It may ask experts, and see and change nothing else."],
    read: ["read", "plain", "It may ask experts and see everything, and change nothing."],
    admin: ["admin", "warn", "It may do everything, making and revoking keys included."],
  },
  // Why a request ended before all was done that its policy wanted.
  limit: {
    calls: ["calls", "warn", "the most calls that the request or its policy allows were made"],
    tokens: ["tokens", "warn", "the most tokens that the request or its policy allows were used"],
    cost: ["cost", "warn", "more would have cost more than the request, its policy or its key allows"],
    time: ["time", "warn", "the time that the request was given was over"],
  },
  // What an expert was asked for by a policy that asks several.
  role: {
    answer: ["answer", "plain", "It was asked the question itself."],
    again: ["again", "plain", "It was asked once more, to see whether its answer stays."],
    paraphrase: ["paraphrase", "plain", "It was asked the same in other words, to see whether its answer stays."],
    repair: ["repair", "plain", "It was asked to mend an answer that failed its check."],
    rebuttal: ["rebuttal", "plain", "It was shown what the others answered, and answered again."],
    verdict: ["verdict", "plain", "It was asked to judge the answers of others."],
    ranking: ["ranking", "plain", "It was asked to rank the answers of others."],
    viewpoints: ["viewpoints", "plain", "It was asked what the answers agree on and where they conflict."],
    author: ["author", "plain", "It wrote the answer, from the answers of others where there are some."],
  },
  // Why a candidate was not considered (router/README.md).
  gate: {
    disabled: ["is disabled", "plain", ""],
    unhealthy: ["its backend or model fails", "plain", ""],
    context: ["its context is too short for this request", "plain", ""],
    functions: ["cannot call functions", "plain", ""],
    vision: ["cannot read images", "plain", ""],
    no_skill: ["has none of the skills in demand", "plain", ""],
    min_score: ["is expected below the policy's min_score", "plain", ""],
    not_in_pool: ["is not among the experts that the request names", "plain", ""],
    cost_limit: ["would cost more than the request's limit", "plain", ""],
    latency_limit: ["takes longer than the request's limit", "plain", ""],
    retired: ["its skill that the request needs is retired", "plain", ""],
    capacity: ["has been given as many requests of this batch as its share", "plain", ""],
  },
} satisfies Record<string, Record<string, Entry>>;

export type WordKind = keyof typeof TABLES;

// One that is not in the table, of a newer server perhaps, is shown as it came.
export function wordOf(kind: WordKind, value: string): Word {
  const table: Record<string, Entry> = TABLES[kind];
  const entry = Object.hasOwn(table, value) ? table[value] : undefined;
  const layer = kind === "role" && /^layer (\d+)$/.exec(value);
  if (layer) return {text: value, tone: "plain", why: `It was shown the answers of layer ${Number(layer[1]) - 1}, and answered in its turn.`};
  if (!entry) return {text: value.replaceAll("_", " "), tone: "plain", why: ""};
  const [text, tone, why] = entry;
  return {text, tone, why};
}

export const wordsOf = (kind: WordKind): string[] => Object.keys(TABLES[kind]);

// The policy of decisions that none made.
export const DIRECT = "direct";
const CANDIDATE = "@candidate";

// Why a decision names a policy that nobody wrote; null where somebody did.
export function policyWhy(policy: string): string | null {
  if (policy === DIRECT) return "asked by name: no policy chose";
  if (policy.endsWith(CANDIDATE)) return `the version of ${policy.slice(0, -CANDIDATE.length)} that is on trial`;
  return null;
}
