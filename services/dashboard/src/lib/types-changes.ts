// What the API answers of what is tried before it is in force: trials, comparisons, retired skills, evaluations.
import type {Policy} from "./types";

export interface ScoreSample {
  count: number;
  mean: number | null;
  low: number | null;  // 95 % interval
  high: number | null;
}

export interface TrialArm {
  policy: string;
  requests: number;
  cut: boolean;  // there are more than were counted
  cancelled: number;
  success: ScoreSample;
  feedback: ScoreSample;
  latency_ms: {p50: number | null; p95: number | null; p99: number | null};
  prompt_tokens: number;
  completion_tokens: number;
  calls: number;
  cost_usd: number;
}

export interface Alarm {
  kind: "expert" | "policy";
  name: string;
  measure: "success" | "feedback";
  since: string;
  before: number;
  before_count: number;
  after: number;
  after_count: number;
  p: number;
}

export interface Trial {
  policy: string;
  share: number;
  since: string | null;
  candidate: Policy;
  arms: {stable: TrialArm; candidate: TrialArm};
  comparison: {measure: string; enough: boolean; difference: number; p: number}[];
  alarms: Alarm[];
}

interface Side {
  expected: number | null;
  cost_usd: number | null;
  latency_ms: number | null;
  no_expert: number;
}

// What would have changed on recorded traffic.
export interface Impact {
  looked_at: number;
  complete: boolean;
  oldest: string | null;
  newest: string | null;
  compared: number;
  changed: number;
  skipped: {direct: number; without_text: number; policy_gone: number; unreadable: number};
  before: Side;
  after: Side;
  moves: {from: string | null; to: string | null; count: number}[];
  skills: {skill: string | null; compared: number; changed: number}[];
  examples: {
    decision: string; time: string; skill: string | null;
    before: {expert: string | null; expected: number; cost_usd: number};
    after: {expert: string | null; expected: number; cost_usd: number};
  }[];
  notes: string[];
}

export interface Retirement {
  expert: string;
  skill: string;
  applied: boolean;
  revision: number;
  refused: string | null;  // of a dry run: why it could not be done
  impact: Impact | null;   // of a dry run
}

export interface Evaluation {
  id: string;
  status: "running" | "cancelling" | "completed" | "cancelled" | "failed";
  error: string | null;
  source: string;
  import: boolean;  // its profiles are put in force at the end
  started: string;
  finished: string | null;
  questions: number;
  asked: number;    // calls that are done, of
  calls: number;
  experts: {expert: string; asked: number; answered: number; right: number; failure: string | null}[];
}
