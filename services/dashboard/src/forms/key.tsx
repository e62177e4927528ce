// Creating or changing a key.
import {useState} from "preact/hooks";
import {call} from "../lib/api";
import {useAction} from "../lib/load";
import {namePath} from "../lib/query";
import {createKey} from "../lib/secret";
import type {ApiKey, KeyLimits} from "../lib/types";
import {ErrorNotice, Field, Notice, Select} from "../ui/basics";
import {Dialog} from "../ui/dialog";

const LIMITS: [keyof KeyLimits, string, string][] = [
  ["requests_per_minute", "Requests a minute", "1"], ["tokens_per_minute", "Tokens a minute", "1"], ["concurrent_requests", "Requests at once", "1"],
  ["budget_usd_day", "USD a day", "any"], ["budget_usd_month", "USD a month", "any"],
];
const ROLES: [string, string][] = [["inference", "inference: asks experts"], ["read", "read: looks at everything, asks nothing"], ["admin", "admin: everything"]];

const namesOf = (text: string) => text.split(/[\s,]+/).filter(Boolean);

export function KeyForm({old, first, onClose}: {old?: ApiKey; first: boolean; onClose: () => void}) {
  const [fields, setFields] = useState({
    name: old?.name ?? "", role: old?.role ?? (first ? "admin" : "inference"), description: old?.description ?? "", tenant: old?.tenant ?? "",
    team: old?.team ?? "", expires: old?.expires?.slice(0, 10) ?? "", policies: (old?.policies ?? []).join(" "), experts: (old?.experts ?? []).join(" "),
  });
  const [limits, setLimits] = useState<Partial<KeyLimits>>(old?.limits ?? {});
  const action = useAction();
  const set = (patch: Partial<typeof fields>) => setFields({...fields, ...patch});
  const param = action.error?.param ?? "";
  const wrong = (name: string) => (param === name || param === `limits.${name}` ? action.error!.message : null);
  const save = () => action.run(async () => {
    const {name, expires, policies, experts, ...rest} = fields;
    const body = {...rest, expires: expires ? `${expires}T00:00:00Z` : null, policies: namesOf(policies), experts: namesOf(experts), limits};
    if (old) await call("PATCH", `/api/v1/keys/${namePath(old.name)}`, {body});
    else await createKey({name, ...body});
    onClose();
  });
  const known = ["name", "role", "expires", "policies", "experts"].includes(param) || LIMITS.some(([key]) => wrong(key));
  return (
    <Dialog title={old ? `Change the key ${old.name}` : "Create a key"} onClose={onClose} wide>
      {first && <Notice tone="warn">The first key is an administrator's. From then on every call needs a key, and so does this page: keep its secret.</Notice>}
      <form onSubmit={(event) => { event.preventDefault(); void save(); }}>
        <div class="fields">
          {!old && <Field label="Name" error={wrong("name")}><input required value={fields.name} onInput={(event) => set({name: event.currentTarget.value})} /></Field>}
          <Field label="Role" error={wrong("role")}><Select value={fields.role} options={ROLES} onChange={(role) => set({role: role as ApiKey["role"]})} /></Field>
          <Field label="Expires" error={wrong("expires")} help="Empty: never"><input type="date" value={fields.expires} onInput={(event) => set({expires: event.currentTarget.value})} /></Field>
        </div>
        <div class="fields">
          <Field label="Description"><input dir="auto" value={fields.description} onInput={(event) => set({description: event.currentTarget.value})} /></Field>
          <Field label="Tenant"><input dir="auto" value={fields.tenant} onInput={(event) => set({tenant: event.currentTarget.value})} /></Field>
          <Field label="Team"><input dir="auto" value={fields.team} onInput={(event) => set({team: event.currentTarget.value})} /></Field>
        </div>
        <h3>Limits <span class="quiet">0: none</span></h3>
        <div class="fields">
          {LIMITS.map(([key, label, step]) => (
            <Field key={key} label={label} error={wrong(key)}><input type="number" min="0" step={step} value={limits[key] ?? 0} onInput={(event) => setLimits({...limits, [key]: event.currentTarget.valueAsNumber || 0})} /></Field>
          ))}
        </div>
        <div class="fields">
          <Field label="Policies that it may use" error={wrong("policies")} help="Names with blanks between; empty: all"><input value={fields.policies} onInput={(event) => set({policies: event.currentTarget.value})} /></Field>
          <Field label="Experts that may answer it" error={wrong("experts")} help="Names with blanks between; empty: all"><input value={fields.experts} onInput={(event) => set({experts: event.currentTarget.value})} /></Field>
        </div>
        {action.error && !known && <ErrorNotice error={action.error} />}
        <footer class="dialog-foot">
          <button type="button" onClick={onClose}>Cancel</button>
          <button type="submit" class="primary" disabled={action.busy}>{old ? "Save" : "Create"}</button>
        </footer>
      </form>
    </Dialog>
  );
}
