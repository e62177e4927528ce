// Questions whose answers are known, one a line. Pure.

export interface Question {
  id: string;
  prompt: string;
  reference: string;
  category?: string;
}

const text = (value: unknown) => (typeof value === "number" ? String(value) : typeof value === "string" ? value : null);

// The error is of the first line that is no question; other fields of a line are left out.
export function parseQuestions(file: string): {questions: Question[]; error: string | null} {
  const questions: Question[] = [];
  for (const [index, line] of file.split("\n").entries()) {
    if (!line.trim()) continue;
    let row: Record<string, unknown>;
    try {
      row = JSON.parse(line) as Record<string, unknown>;
    } catch {
      return {questions, error: `Line ${index + 1}: it is not JSON.`};
    }
    const id = text(row?.["id"]), prompt = text(row?.["prompt"]), reference = text(row?.["reference"]), category = text(row?.["category"]);
    const missing = [id, prompt, reference].map((value, at) => (value ? null : ["id", "prompt", "reference"][at])).find((name) => name != null);
    if (missing) return {questions, error: `Line ${index + 1}: ${missing} is missing.`};
    questions.push({id: id!, prompt: prompt!, reference: reference!, ...(category ? {category} : {})});
  }
  return {questions, error: questions.length ? null : "The file is empty."};
}
