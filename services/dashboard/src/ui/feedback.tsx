// Judging an answer: what is said becomes evidence about the expert that gave it.
import {useState} from "preact/hooks";
import {call} from "../lib/api";
import {useAction} from "../lib/load";
import {ErrorNotice} from "./basics";

interface Reply {
  expert: string;
  score: number;
  replaced: boolean;
  skills?: {skill: string}[];
}

export function Judge({decision}: {decision: string}) {
  const [said, setSaid] = useState<Reply | null>(null);
  const action = useAction();
  const judge = (score: number) => action.run(async () => {
    setSaid(await call<Reply>("POST", "/api/v1/feedback", {body: {decision, score}}));
  });
  return (
    <div class="row">
      <span>Was the answer right?</span>
      <button class="small" aria-pressed={said?.score === 1} disabled={action.busy} onClick={() => void judge(1)}>Good</button>
      <button class="small" aria-pressed={said?.score === 0} disabled={action.busy} onClick={() => void judge(0)}>Bad</button>
      {said && <span class="quiet" role="status">Kept as evidence about {said.expert}{said.skills?.length ? ` in ${said.skills.map((one) => one.skill).join(", ")}` : ""}{said.replaced ? ", in place of the earlier judgement" : ""}.</span>}
      <ErrorNotice error={action.error} />
    </div>
  );
}
