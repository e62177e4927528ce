// Questions whose answers are known, for experts to be measured by.
import {useState} from "preact/hooks";
import {call} from "../lib/api";
import {plural} from "../lib/format";
import {parseQuestions, type Question} from "../lib/questions";
import {useAction, useLoad} from "../lib/load";
import type {Evaluation, Expert, List} from "../lib/types";
import {ErrorNotice, Field} from "../ui/basics";
import {Dialog} from "../ui/dialog";

const KNOWN = ["source", "at_once"];

export function EvaluateForm({onClose}: {onClose: (id?: string) => void}) {
  const experts = useLoad<List<Expert>>("/api/v1/experts?limit=1000");
  const models = (experts.data?.data ?? []).filter((expert) => expert.kind === "llm" && expert.enabled).map((expert) => expert.name);
  const [read, setRead] = useState<{questions: Question[]; error: string | null} | null>(null);
  const [left, setLeft] = useState<string[]>([]);
  const [source, setSource] = useState("");
  const [force, setForce] = useState(true);
  const [atOnce, setAtOnce] = useState("8");
  const action = useAction();
  const chosen = models.filter((name) => !left.includes(name));
  const wrong = (param: string) => (action.error?.param === param ? action.error.message : null);
  const start = () => action.run(async () => {
    const body = {questions: read!.questions, experts: chosen, import: force, at_once: Number(atOnce), ...(source ? {source} : {})};
    onClose((await call<Evaluation>("POST", "/api/v1/evaluations", {body})).id);
  });
  const calls = (read?.questions.length ?? 0) * chosen.length;
  return (
    <Dialog title="Run an evaluation" onClose={() => onClose()}>
      <form onSubmit={(event) => { event.preventDefault(); void start(); }}>
        <Field label="Questions" error={read?.error ?? wrong("questions")} help={'JSON Lines, at most 10,000: {"id", "prompt", "reference": the right answer, "category"?}.'}>
          <input type="file" required accept=".jsonl,.ndjson,.json" onChange={async (event) => {
            const file = event.currentTarget.files?.[0];
            setRead(file ? parseQuestions(await file.text()) : null);
            if (file && !source) setSource("evaluation:" + file.name.replace(/\.(jsonl|ndjson|json)$/, ""));
          }} />
        </Field>
        <div class="choices" role="group" aria-label="Experts that are asked">
          {models.map((name) => <label key={name} class="check"><input type="checkbox" checked={!left.includes(name)} onChange={(event) => setLeft(event.currentTarget.checked ? left.filter((one) => one !== name) : [...left, name])} /> <span dir="auto">{name}</span></label>)}
          {experts.data && !models.length && <p class="quiet">There is no enabled model to ask.</p>}
        </div>
        <div class="fields">
          <Field label="Name of the evidence" error={wrong("source")} help="A run under the same name replaces it."><input value={source} onInput={(event) => setSource(event.currentTarget.value)} /></Field>
          <Field label="Calls at once" error={wrong("at_once")}><input type="number" min="1" max="256" value={atOnce} onInput={(event) => setAtOnce(event.currentTarget.value)} /></Field>
        </div>
        <label class="check"><input type="checkbox" checked={force} onChange={(event) => setForce(event.currentTarget.checked)} /> put what is measured in force at the end</label>
        {read && !read.error && <p class="quiet" role="status">{plural(read.questions.length, "question")} for {plural(chosen.length, "expert")}: {plural(calls, "call")}. Clients' requests go first.</p>}
        {action.error && !KNOWN.includes(action.error.param ?? "") && <ErrorNotice error={action.error} />}
        <footer class="dialog-foot">
          <button type="button" onClick={() => onClose()}>Cancel</button>
          <button type="submit" class="primary" disabled={action.busy || !read || Boolean(read.error) || !chosen.length}>Run it</button>
        </footer>
      </form>
    </Dialog>
  );
}
