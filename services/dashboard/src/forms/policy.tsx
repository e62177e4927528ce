// A policy with help from the table of options that the server's own code is made of.
import {useState} from "preact/hooks";
import {call} from "../lib/api";
import {useAction, useEtag} from "../lib/load";
import {namePath} from "../lib/query";
import type {Policy, PolicyKinds, PolicyOption} from "../lib/types";
import {ErrorNotice, Field, Notice, Select} from "../ui/basics";
import {Dialog} from "../ui/dialog";
import {CompareDialog} from "./compare";

const BLANK: Policy = {
  name: "", origin: "store", description: "", classifier: "lexical", recruiter: "expected", experts: 1, aggregate: "first",
  price_weight: 0, latency_weight: 0, min_score: 0, max_fallbacks: 4, options: {},
};

const KNOWN = ["name", "description", "classifier", "recruiter", "experts", "aggregate", "price_weight", "latency_weight", "min_score", "max_fallbacks"];

// Those of the chosen parts, those that are set, and those of all policies.
export function shownOptions(kinds: PolicyKinds, policy: Policy, find: string, all: boolean): PolicyOption[] {
  const parts = [policy.classifier, policy.recruiter, policy.aggregate];
  const foreign = new Set([...kinds.classifiers, ...kinds.recruiters, ...kinds.aggregates].map((kind) => kind.name).filter((name) => !parts.includes(name)));
  return kinds.options.filter((option) => {
    if (find && !`${option.name} ${option.help}`.toLowerCase().includes(find.toLowerCase())) return false;
    return all || find || option.name in policy.options || !foreign.has(option.name.split(".")[0]!);
  });
}

function OptionInput({option, value, disabled, onChange}: {
  option: PolicyOption; value: string | undefined; disabled: boolean; onChange: (value: string | undefined) => void;
}) {
  const set = (text: string) => onChange(text === "" ? undefined : text);
  if (option.type === "flag" || option.type === "choice") {
    const choices = option.type === "flag" ? ["true", "false"] : (option.choices ?? "").split(" ");
    return <Select label={option.name} disabled={disabled} value={value ?? ""} options={[["", `default: ${option.default}`], ...choices]} onChange={set} />;
  }
  const number = option.type !== "text";
  return <input aria-label={option.name} disabled={disabled} type={number ? "number" : "text"} step={option.type === "integer" ? 1 : "any"} min={option.minimum} max={option.maximum}
    placeholder={option.default || "none"} value={value ?? ""} onInput={(event) => set(event.currentTarget.value)} />;
}

function rangeText(option: PolicyOption): string {
  return option.minimum != null && option.maximum != null ? ` (${option.minimum} to ${option.maximum})` : "";
}

// What the API takes of a policy besides its name.
function fieldsOf({origin: _origin, trial: _trial, name, ...rest}: Policy) {
  return {name, rest};
}

export function PolicyForm({kinds, old, copy, onClose, onCopy}: {
  kinds: PolicyKinds; old?: Policy; copy: boolean; onClose: () => void; onCopy?: () => void;
}) {
  const [policy, setPolicy] = useState<Policy>(() => (old ? {...old, name: copy ? `${old.name}-copy` : old.name, options: {...old.options}} : BLANK));
  const [find, setFind] = useState("");
  const [all, setAll] = useState(false);
  const [valid, setValid] = useState<string | null>(null);
  const [share, setShare] = useState("10");
  const [comparing, setComparing] = useState(false);
  const action = useAction();
  const etag = useEtag(old && !copy ? `/api/v1/policies/${namePath(old.name)}` : null);
  const fixed = old != null && !copy && old.origin !== "store";
  const fresh = !old || copy;
  const set = (patch: Partial<Policy>) => { setPolicy({...policy, ...patch}); setValid(null); };
  const param = action.error?.param ?? "";
  const wrong = (name: string) => (param === name ? action.error!.message : null);
  const optionWrong = (name: string) => (param === name || param === `options.${name}` ? action.error!.message : null);
  const send = (dry: boolean) => action.run(async () => {
    const {name, rest} = fieldsOf(policy);
    const query = dry ? "?dry_run=true" : "";
    if (fresh) await call("POST", `/api/v1/policies${query}`, {body: {name, ...rest}});
    else await call("PUT", `/api/v1/policies/${namePath(name)}${query}`, {body: rest, ifMatch: etag});
    if (dry) setValid("It is valid. Nothing was changed.");
    else onClose();
  });
  // As a version of the policy that the form began with, which stays in force for all other requests.
  const publish = () => action.run(async () => {
    await call("PUT", `/api/v1/policies/${namePath(old!.name)}/trial`, {body: {share: Number(share) / 100, candidate: fieldsOf(policy).rest}});
    onClose();
  });
  const number = (key: "experts" | "price_weight" | "latency_weight" | "min_score" | "max_fallbacks", step: string) => (
    <input type="number" min="0" step={step} disabled={fixed} value={policy[key]} onInput={(event) => set({[key]: event.currentTarget.valueAsNumber || 0})} />
  );
  const kindHelp = (list: {name: string; summary: string}[], name: string) => list.find((kind) => kind.name === name)?.summary;
  const options = shownOptions(kinds, policy, find, all);
  const known = KNOWN.includes(param) || options.some((option) => optionWrong(option.name));
  return (
    <Dialog title={fresh ? (copy ? `Copy of ${old?.name}` : "Add a policy") : `Policy ${old!.name}`} onClose={onClose} wide>
      {fixed && <Notice>{old.origin === "file" ? "This policy belongs to the configuration file: change it there, then reload." : "This policy comes with moerge."} {onCopy && <button class="small" onClick={onCopy}>Copy it to change it</button>}</Notice>}
      <form onSubmit={(event) => { event.preventDefault(); void send(false); }}>
        <div class="fields">
          {fresh && <Field label="Name" error={wrong("name")}><input required value={policy.name} onInput={(event) => set({name: event.currentTarget.value})} /></Field>}
          <Field label="Description" error={wrong("description")}><input disabled={fixed} dir="auto" value={policy.description} onInput={(event) => set({description: event.currentTarget.value})} /></Field>
        </div>
        <div class="fields">
          <Field label="Classifier" error={wrong("classifier")} help={kindHelp(kinds.classifiers, policy.classifier)}><Select disabled={fixed} value={policy.classifier} options={kinds.classifiers.map((kind) => kind.name)} onChange={(classifier) => set({classifier})} /></Field>
          <Field label="Recruiter" error={wrong("recruiter")} help={kindHelp(kinds.recruiters, policy.recruiter)}><Select disabled={fixed} value={policy.recruiter} options={kinds.recruiters.map((kind) => kind.name)} onChange={(recruiter) => set({recruiter})} /></Field>
          <Field label="Aggregate" error={wrong("aggregate")} help={kindHelp(kinds.aggregates, policy.aggregate)}><Select disabled={fixed} value={policy.aggregate} options={kinds.aggregates.map((kind) => kind.name)} onChange={(aggregate) => set({aggregate})} /></Field>
        </div>
        <div class="fields">
          <Field label="Experts asked at once" error={wrong("experts")}>{number("experts", "1")}</Field>
          <Field label="Fallbacks" error={wrong("max_fallbacks")} help="Experts tried after the first.">{number("max_fallbacks", "1")}</Field>
          <Field label="Least score" error={wrong("min_score")} help="0 to 1; candidates expected below are not used.">{number("min_score", "any")}</Field>
          <Field label="Weight of price" error={wrong("price_weight")} help="Score that one USD per M tokens costs.">{number("price_weight", "any")}</Field>
          <Field label="Weight of latency" error={wrong("latency_weight")} help="Score that one second costs.">{number("latency_weight", "any")}</Field>
        </div>
        <div class="row spread">
          <h3>Options</h3>
          <span class="row"><input type="search" aria-label="Find an option" placeholder="Find an option" value={find} onInput={(event) => setFind(event.currentTarget.value)} />
            <label><input type="checkbox" checked={all} onChange={(event) => setAll(event.currentTarget.checked)} /> those of other kinds too</label></span>
        </div>
        <div class="table-frame options-table" role="region" aria-label="Options" tabIndex={0}>
          <table><thead><tr><th scope="col">Option</th><th scope="col">Value</th><th scope="col" class="wide-only">What it does</th></tr></thead><tbody>
            {options.map((option) => (
              <tr key={option.name}>
                <td><code>{option.name}</code></td>
                <td><OptionInput option={option} disabled={fixed} value={policy.options[option.name]} onChange={(value) => {
                  const {[option.name]: _gone, ...rest} = policy.options;
                  set({options: value == null ? rest : {...rest, [option.name]: value}});
                }} />{optionWrong(option.name) && <span class="field-error" role="alert">{optionWrong(option.name)}</span>}</td>
                <td class="wide-only">{option.help}<span class="quiet">{rangeText(option)}</span></td>
              </tr>
            ))}
          </tbody></table>
        </div>
        {action.error && !known && <ErrorNotice error={action.error} />}
        {valid && <Notice tone="good">{valid}</Notice>}
        {!fixed && old && <div class="row">
          <label class="row">Or give <input type="number" class="short" min="0" max="100" step="any" aria-label={`Share of the requests of ${old.name}, percent`} value={share} onInput={(event) => setShare(event.currentTarget.value)} /> % of the requests of {old.name} to this version:</label>
          <button type="button" disabled={action.busy || !share} onClick={() => void publish()}>Put it on trial</button>
          <button type="button" onClick={() => setComparing(true)}>Compare on recorded traffic</button>
        </div>}
        {!fixed && <footer class="dialog-foot">
          <button type="button" onClick={onClose}>Cancel</button>
          <button type="button" disabled={action.busy || !policy.name} onClick={() => void send(true)}>Validate</button>
          <button type="submit" class="primary" disabled={action.busy}>{fresh ? "Add the policy" : "Save"}</button>
        </footer>}
      </form>
      {comparing && old && <CompareDialog policies={[old.name]} first={old.name} draft={{name: old.name, ...fieldsOf(policy).rest}} onClose={() => setComparing(false)} />}
    </Dialog>
  );
}
