// What clients say of answers, and what a classifier takes for what, as the API gives it.

// What a client said of an answer; null: not said.
export interface Judgement {
  decision: string;
  expert: string;
  score: number | null;  // how correct, 0 to 1
  helpfulness: number | null;
  client: string | null;
  time: string;
}

export interface JudgedShare {
  judged: number;
  sum: number;
}

export interface FeedbackFigures {
  expert: string | null;
  correctness: JudgedShare;
  helpfulness: JudgedShare;
  both: number;
  correlation: number | null;
}

export interface FeedbackSummary {
  all: FeedbackFigures;
  experts: FeedbackFigures[];
}

// Counts of rows that the classifier had not seen when it was asked.
export interface ConfusionCell {
  skill: string;       // the true one
  recognised: string;
  questions: number;   // of tables and judged requests
  examples: number;    // of the vocabulary
}

export interface Confusion {
  classifier: string;
  skills: {name: string; category: string}[];
  data: ConfusionCell[];
}
