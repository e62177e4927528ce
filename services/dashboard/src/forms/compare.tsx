// Two policies on recorded traffic: what would have changed. No expert is called for it.
import {useState} from "preact/hooks";
import {call} from "../lib/api";
import {useAction} from "../lib/load";
import {usePage} from "../lib/page";
import {rangeFields} from "../lib/time";
import type {Impact, Policy} from "../lib/types";
import {ErrorNotice, Field, Select} from "../ui/basics";
import {Dialog} from "../ui/dialog";
import {ImpactView} from "../pages/impact";

const LIMITS = ["200", "1000", "5000", "10000"];

// `draft`: fields of a version that is not kept, compared with the policy of its name.
export function CompareDialog({policies, first, draft, onClose}: {policies: string[]; first: string; draft?: Partial<Policy>; onClose: () => void}) {
  const page = usePage();
  const [from, setFrom] = useState(first);
  const [to, setTo] = useState(policies.find((name) => name !== first) ?? first);
  const [limit, setLimit] = useState("1000");
  const [only, setOnly] = useState("");
  const [impact, setImpact] = useState<Impact | null>(null);
  const action = useAction();
  const run = () => action.run(async () => {
    const traffic = {...rangeFields(page.range), limit: Number(limit), ...(only ? {policy: only} : {})};
    setImpact(null);
    setImpact(await call<Impact>("POST", "/api/v1/policies/compare", {body: {policies: [from, draft ?? to], traffic}}));
  });
  const after = draft ? "the version in the form" : to;
  return (
    <Dialog title={draft ? `The version in the form against ${from}` : "Compare two policies"} onClose={onClose} wide>
      <p class="quiet">Both decide requests that were recorded ({page.range.label.toLowerCase()}) again, with today's experts. No expert is called.</p>
      <form onSubmit={(event) => { event.preventDefault(); void run(); }}>
        <div class="fields">
          {!draft && <Field label="Policy"><Select value={from} options={policies} onChange={setFrom} /></Field>}
          {!draft && <Field label="Against"><Select value={to} options={policies} onChange={setTo} /></Field>}
          <Field label="Requests of"><Select value={only} options={[["", "all policies"], ...policies]} onChange={setOnly} /></Field>
          <Field label="The newest"><Select value={limit} options={LIMITS} onChange={setLimit} /></Field>
        </div>
        <ErrorNotice error={action.error} />
        <footer class="dialog-foot"><button type="submit" class="primary" disabled={action.busy}>{action.busy ? "Comparing …" : "Compare"}</button></footer>
      </form>
      {impact && <ImpactView impact={impact} before={from} after={after} />}
    </Dialog>
  );
}
