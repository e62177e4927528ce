// Judging an answer: whether it was right, which is evidence about the expert that gave it, and whether it
// helped, which is a figure of its own.
import {useState} from "preact/hooks";
import {call, session} from "../lib/api";
import {useAction, useLoad} from "../lib/load";
import type {Judgement, List} from "../lib/types";
import {ErrorNotice} from "./basics";

interface Reply {
  expert: string;
  score: number | null;
  helpfulness: number | null;
  skills?: {skill: string}[];
}

type Half = "score" | "helpfulness";

const QUESTIONS: [Half, string, string, string][] = [
  ["score", "Was the answer right?", "Right", "Wrong"], ["helpfulness", "Did it help?", "It helped", "It did not help"],
];

export function Judge({decision}: {decision: string}) {
  const [said, setSaid] = useState<{half: Half; reply: Reply} | null>(null);
  const judgements = useLoad<List<Judgement>>(`/api/v1/feedback?decision=${encodeURIComponent(decision)}`);
  const action = useAction();
  const mine = judgements.data?.data.find((one) => (one.client ?? "") === (session.value?.key ?? ""));
  const others = (judgements.data?.data ?? []).filter((one) => one !== mine);
  const state: Partial<Record<Half, number | null>> = said?.reply ?? mine ?? {};
  const judge = (half: Half, value: number) => action.run(async () => {
    const reply = await call<Reply>("POST", "/api/v1/feedback", {body: {decision, [half]: value}});
    setSaid({half, reply});
  });
  return (
    <div class="judge">
      {QUESTIONS.map(([half, question, yes, no]) => (
        <div class="row" key={half} role="group" aria-label={question}>
          <span class="judge-question">{question}</span>
          <button class="small" aria-pressed={state[half] === 1} disabled={action.busy} onClick={() => void judge(half, 1)}>{yes}</button>
          <button class="small" aria-pressed={state[half] === 0} disabled={action.busy} onClick={() => void judge(half, 0)}>{no}</button>
        </div>
      ))}
      {said && <p class="quiet" role="status">{said.half === "score"
        ? `Kept as evidence about ${said.reply.expert}${said.reply.skills?.length ? ` in ${said.reply.skills.map((one) => one.skill).join(", ")}` : ""}.`
        : `Kept about ${said.reply.expert}; it is counted apart and changes no routing.`}</p>}
      {others.length > 0 && <p class="quiet">Others said: {others.map(wordsOf).join("; ")}.</p>}
      <ErrorNotice error={action.error} />
    </div>
  );
}

function wordsOf(one: Judgement): string {
  const halves = [one.score == null ? "" : `right ${one.score}`, one.helpfulness == null ? "" : `helped ${one.helpfulness}`].filter(Boolean);
  return `${one.client ?? "without a key"}: ${halves.join(", ")}`;
}
