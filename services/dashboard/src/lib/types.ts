// What the API answers, as far as the dashboard reads it. /openapi.json describes all of it, and
// test/types.ts sees to it that the two agree.

export type Origin = "built-in" | "file" | "store";

export interface List<T> {
  object: string;
  data: T[];
  has_more?: boolean;
  revision?: number;
}

export interface Session {
  login_required: boolean;  // keys are configured, and none of them is logged in
  key: string | null;       // the name of the one that is
  role: string | null;
  csrf: string;             // empty: changes need none
}

// Whether others are preferred to it, and why.
export interface Avoidance {
  avoided: boolean;
  reason?: string;
  for_seconds?: number;
  resting_ms: number;
}

export interface Condition extends Avoidance {
  in_flight: number;
  queued: number;
  models?: (Avoidance & {model: string})[];  // avoided while the backend is not
}

export interface Backend {
  name: string;
  origin: Origin;
  protocol: string;
  base_url: string;
  api_key_env: string;
  max_concurrency: number;
  max_queue: number;
  retries: number;
  verify_tls: boolean;
  condition?: Condition;
  residency?: {kind: string; slots: number; memory_gb: number};
}

export interface Latency {
  source: "measured" | "declared" | "computed" | "unknown";
  typical_ms: number | null;
  high_ms: number | null;
  measured: {
    answers: number; last: string; p50_ms: number; p90_ms: number; p99_ms: number;
    first_chunk: {answers: number; p50_ms: number; p90_ms: number; p99_ms: number} | null;
  } | null;
}

export interface Expert {
  name: string;
  origin: Origin;
  kind: "llm" | "tool";
  description: string;
  backend: string;
  model: string;
  condition?: Avoidance & {whole_backend?: boolean};  // none of tools
  context: number;
  max_output: number;
  price: {input: number; output: number};
  memory_gb: number;
  active_params: number;
  latency_ms: number;
  vision: boolean;
  function_calling: boolean;
  skills: Record<string, number>;
  tags: string[];
  licence: string;
  enabled: boolean;
  provisional: boolean;
  retired_skills?: string[];
  latency: Latency;
}

export interface Evidence {
  skill: string;
  wins: number;
  trials: number;
  mean: number;
  sources: {source: string; wins: number; trials: number; updated: string | null}[];
}

export interface Profile {
  expert: string;
  provisional: boolean;
  half_life_days?: number;
  measured: Evidence[];
  roles: {role: string; category: string; wins: number; trials: number; mean: number}[];
  declared: Record<string, number>;
  declared_by: string;
  wins: number;
  trials: number;
}

export interface Skill {
  name: string;
  origin: Origin;
  category: string;
  description: string;
  examples: string[];
}

export interface Policy {
  name: string;
  origin: Origin;
  description: string;
  classifier: string;
  recruiter: string;
  experts: number;
  aggregate: string;
  price_weight: number;
  latency_weight: number;
  min_score: number;
  max_fallbacks: number;
  options: Record<string, string>;
  trial?: {of: string; share: number; since: string | null} | null;  // of a version that is on trial
}

export interface PolicyOption {
  name: string;
  type: "number" | "integer" | "flag" | "choice" | "text";
  minimum?: number;
  maximum?: number;
  choices?: string;
  default: string;
  help: string;
}

export interface PolicyKinds {
  classifiers: {name: string; summary: string}[];
  recruiters: {name: string; summary: string}[];
  aggregates: {name: string; summary: string}[];
  options: PolicyOption[];
}

export interface UsageRow {
  start: string;
  policy?: string;
  expert?: string;
  skill?: string;
  client?: string;
  requests: number;
  errors: number;
  cancelled: number;
  prompt_tokens: number;
  completion_tokens: number;
  cost_usd: number;
  mean_latency_ms: number;
  calls: number;
  latency_ms?: Percentiles | null;      // where they were asked for
  first_token_ms?: Percentiles | null;  // of streams
}

export interface Percentiles {
  count: number;
  p50: number;
  p95: number;
  p99: number;
}

export interface DecisionRow {
  id: string;
  time: string;
  request_id: string;
  policy: string;
  expert: string;
  skill: string;
  outcome: string;
  status: number;
  client: string;
  prompt_tokens: number;
  completion_tokens: number;
  cost_usd: number;
  latency_ms: number;
  calls: number;
}

export interface Candidate {
  expert: string;
  expected: number;
  low: number;
  high: number;
  price: number;
  utility: number;
  excluded: string | null;
  provisional?: boolean;
}

export interface Attempt {
  expert: string;
  outcome: "ok" | "failed" | "declined" | "skipped" | "cancelled";
  code: string | null;
  error: string | null;
  note: string | null;
  start_ms?: number; // after the request came; not where nothing was sent
  ms: number;
  retry: number;
}

export interface Answer {
  expert: string;
  role: string;
  text: string | null;  // null: texts are not kept
  answer: string | null;
  weight: number;
  won: boolean;
  check: string | null;
  prompt_tokens: number;
  completion_tokens: number;
  cost_usd: number;
  ms: number;
}

export interface Decision {
  id: string;
  time: string;
  request_id: string;
  revision: number;
  model: string;
  policy: string;
  stream: boolean;
  outcome: string;
  expert: string | null;
  error: string | null;
  demand: {
    classifier: string; confidence: number; bytes_read: number; bytes_total: number;
    skills: {skill: string; probability: number}[]; notes: string[];
  } | null;
  considered: number;
  candidates: Candidate[];
  roster: {expert: string; weight: number}[];
  fallbacks: string[];
  reasons: string[];
  attempts: Attempt[];
  aggregate?: string | null;
  answers?: Answer[];
  answer_confidence?: number | null;
  limit?: string | null;
  notes?: string[];
  timings: {
    classify_us: number; recruit_us: number; upstream_ms: number; first_token_ms: number | null;
    total_ms: number; overhead_ms: number;
  } | null;
  usage: {prompt_tokens: number; completion_tokens: number; estimated: boolean} | null;
  cost_usd: number;
  request: {
    user?: string; system?: string; truncated?: boolean; user_bytes?: number; user_hash?: string;
    prompt_tokens?: number;
  } | null;
}

export interface Replay {
  same_expert: boolean;
  then: Decision;
  now: Decision;
}

export interface ResidencyState {
  backend: string;
  kind: string;
  device: string;
  slots: number;
  memory_gb: number;  // 0: not bounded
  host_memory_gb: number;  // of models that sleep in the host's memory; 0: not bounded
  host_used_gb: number;
  swaps: number;
  last_load: {model: string; evicted: string[]; cause: string; from: "disk" | "host"; waiting: number; ago_ms: number} | null;
  models: {
    expert: string; model: string; state: string; tier: "disk" | "host" | "device"; running: number; waiting: number; loads: number;
    failed_loads: number; load_ms: number; wake_ms: number; error: string | null;
  }[];
}

export interface ResidencySpell {
  device: string;
  backend: string;
  expert: string | null;
  model: string;
  state: "loading" | "loaded" | "failed";
  begun: string;
  ended: string | null;  // null: it goes on
  load: {cause: string; from: "disk" | "host"; waiting: number; oldest_wait_ms: number; evicted: string[]} | null;
}

export interface RegistryReport {
  backends: number;
  experts: number;
  skills: number;
  policies: number;
  removed: number;
  evidence: number;
  observations: number;
  revision: number;
}

export interface StoredFile {
  id: string;
  bytes: number;
  created_at: number;
  filename: string;
  purpose: string;
}

export interface Batch {
  id: string;
  endpoint: string;
  errors: {data: {code: string; message: string; param: string | null; line: number | null}[]} | null;
  input_file_id: string;
  status: string;
  output_file_id: string | null;
  error_file_id: string | null;
  created_at: number | null;
  in_progress_at: number | null;
  completed_at: number | null;
  failed_at: number | null;
  expires_at: number | null;
  cancelled_at: number | null;
  request_counts: {total: number; completed: number; failed: number};
  moerge: {experts: BatchExpert[]; lines_per_second: number; seconds_left: number | null};
}

export interface BatchExpert {
  expert: string;
  answered: number;  // calls
  failed: number;
  planned: number | null;  // null: lines are not answered expert by expert
}

export interface Mapping {
  policy: string;
  measure: string;
  unit: string;
  budget: number;
  cost: number;
  expected: number;
  skills: {skill: string; frequency: number; expert: string | null; expected: number; cost: number}[];
  unknown: string[];
  exact: boolean;
  curve: {cost: number; expected: number; hull: boolean}[];
}

export interface ProfileReport {
  source: string;
  rows: number;
  bad?: number;
  warnings?: string[];
  skills: {skill: string; rows: number; trials: number; mean: number; best_expert: string; best_mean: number}[];
  new_skills?: string[];
  unknown_experts?: string[];
}

export interface ProposedSkill {
  name: string;
  category: string;
  description: string;
  examples: string[];
  labels: string[];
  count: number;
  cohesion: number | null;
  into: string | null;
  accepted: string | null;
}

export interface Proposal {
  id: string;
  name: string;
  status: "open" | "accepted" | "rejected";
  created: string;
  labels: number;
  skills: ProposedSkill[];
  left_out: string[];
}

export interface ProposalRow {
  id: string;
  name: string;
  status: "open" | "accepted" | "rejected";
  created: string;
  skills: number;
  labels: number;
}

export interface Health {
  status: string;
  version: string;
  store: string;
  store_failing?: string;
}

export interface KeyLimits {
  requests_per_minute: number;
  tokens_per_minute: number;
  concurrent_requests: number;
  budget_usd_day: number;
  budget_usd_month: number;
}

export interface ApiKey {
  name: string;
  role: "inference" | "read" | "admin";
  description?: string;
  tenant?: string;
  team?: string;
  expires?: string | null;
  limits?: KeyLimits;
  policies?: string[];
  experts?: string[];
  origin: Origin;
  created?: string | null;
  usage?: {
    in_flight: number; requests_left: number | null; tokens_left: number | null; spent_usd_day: number;
    spent_usd_month: number;
  } | null;
  secret?: string;  // in the reply that makes it, once
}

export interface AuditRecord {
  id: number;
  time: string;
  revision: number;
  who: string | null;
  through: string;
  request_id: string | null;
  action: "create" | "change" | "remove";
  kind: string;
  name: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

export interface Setting {
  path: string;
  value: string;
  origin: string;
  restart?: boolean;
}

export interface Revision {
  revision: number;
  time: string;
  who: string | null;
  through: string;
  changes: number;
  named: {action: string; kind: string; name: string}[];  // the first few
}

export interface RevisionDifference {
  kind: string;
  name: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

export interface Restored {
  revision: number;
  put: number;
  removed: number;
  skipped: string[];
}

export type * from "./types-changes";
export type * from "./types-judged";
