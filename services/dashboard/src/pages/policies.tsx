// How experts are chosen: policies, built in and one's own.
import {useState} from "preact/hooks";
import {CompareDialog} from "../forms/compare";
import {PolicyForm} from "../forms/policy";
import {call, reloadAll} from "../lib/api";
import {percent, plural} from "../lib/format";
import {useLoad} from "../lib/load";
import {usePage} from "../lib/page";
import {namePath} from "../lib/query";
import {shares} from "../lib/series";
import {parseOrder} from "../lib/tables";
import type {List, Policy, PolicyKinds, UsageRow} from "../lib/types";
import {ErrorNotice, Loading, PageHead, Section, Word} from "../ui/basics";
import {Confirm} from "../ui/dialog";
import {exportRows, Exports, orderText, Table, type Column} from "../ui/table";
import {TrialDialog} from "./trial";

export default function Policies() {
  const page = usePage();
  const policies = useLoad<List<Policy>>("/api/v1/policies?limit=1000");
  const kinds = useLoad<PolicyKinds>("/api/v1/policy-kinds");
  const usage = useLoad<List<UsageRow>>(`/api/v1/usage?per=day&group=policy&${page.rangeQuery}`);
  const [form, setForm] = useState<{policy: Policy | null; copy: boolean} | null>(null);
  const [removing, setRemoving] = useState<Policy | null>(null);
  const asked = new Map(shares(usage.data?.data ?? [], "policy").map((share) => [share.name, share.requests]));
  const all = policies.data?.data ?? [];
  const rows = all.filter((policy) => !policy.trial);
  const trials = new Map(all.flatMap((policy) => (policy.trial ? [[policy.trial.of, policy.trial.share] as const] : [])));
  const trial = page.query["trial"];
  const open = page.query["open"];
  const opened = open ? rows.find((policy) => policy.name === open) : undefined;
  const columns: Column<Policy>[] = [
    {key: "name", title: "Policy", value: (policy) => policy.name, show: (policy) => <>
      <button class="link" onClick={() => page.set({open: policy.name})}>{policy.name}</button>
      {trials.has(policy.name) && <> <button class="small" onClick={() => page.set({trial: policy.name})}>{percent(trials.get(policy.name))} on trial</button></>}
    </>},
    {key: "description", title: "What it does", value: (policy) => policy.description, show: (policy) => <span dir="auto">{policy.description}</span>, wide: true, sortable: false},
    {key: "made", title: "Made of", wide: true, value: (policy) => `${policy.classifier}, ${policy.recruiter}, ${policy.aggregate}`, show: (policy) => (
      <span>{policy.classifier} → {policy.recruiter} → {policy.aggregate}{policy.experts > 1 ? ` of ${policy.experts}` : ""}</span>
    )},
    {key: "requests", title: "Requests", number: true, value: (policy) => asked.get(policy.name) ?? 0, show: (policy) => <a href={page.href("/requests", {policy: policy.name})}>{asked.get(policy.name) ?? 0}</a>},
    {key: "origin", title: "From", value: (policy) => policy.origin, show: (policy) => <Word of="origin" value={policy.origin} />},
    {key: "act", title: "", sortable: false, value: () => null, show: (policy) => (
      <span class="row">
        <a class="button small" href={page.href("/playground") + "#" + new URLSearchParams({p: policy.name === "auto" ? "auto" : `moerge/${policy.name}`})}>Try</a>
        <button class="small" onClick={() => setForm({policy, copy: true})}>Copy</button>
        {policy.origin === "store" && <button class="small danger" onClick={() => setRemoving(policy)}>Remove</button>}
      </span>
    )},
  ];
  const close = () => {
    setForm(null);
    page.set({open: undefined});
    reloadAll();
  };
  return (
    <>
      <PageHead title="Policies">
        <Exports name="moerge-policies" rows={() => exportRows(columns.filter((column) => column.key !== "act"), rows)} />
        <button disabled={rows.length < 2} onClick={() => page.set({compare: rows[0]?.name})}>Compare two</button>
        <button class="primary" onClick={() => setForm({policy: null, copy: false})}>Add a policy</button>
      </PageHead>
      <ErrorNotice error={policies.error ?? kinds.error} retry={policies.reload} />
      {!policies.data && policies.loading && <Loading />}
      {policies.data && (
        <Section title={plural(rows.length, "policy", "policies")} aside={<span>Clients say <code>auto</code> or <code>moerge/NAME</code> as model.</span>}>
          <Table label="Policies" columns={columns} rows={rows} keyOf={(policy) => policy.name} order={parseOrder(page.query["order"], {key: "name", down: false})}
            onOrder={(order) => page.set({order: orderText(order)})} />
        </Section>
      )}
      {kinds.data && form && <PolicyForm kinds={kinds.data} {...(form.policy ? {old: form.policy} : {})} copy={form.copy} onClose={close} />}
      {kinds.data && opened && !form && <PolicyForm kinds={kinds.data} old={opened} copy={false} onClose={close} onCopy={() => setForm({policy: opened, copy: true})} />}
      {trial && policies.data && <TrialDialog policy={trial} old={rows.find((policy) => policy.name === trial)} onClose={() => page.set({trial: undefined})} />}
      {page.query["compare"] && policies.data && <CompareDialog policies={rows.map((policy) => policy.name)} first={page.query["compare"]} onClose={() => page.set({compare: undefined})} />}
      {removing && <Confirm title={`Remove the policy ${removing.name}?`} verb="Remove the policy" onClose={() => setRemoving(null)}
        act={async () => { await call("DELETE", `/api/v1/policies/${namePath(removing.name)}`); reloadAll(); }}><p>Requests for <code>moerge/{removing.name}</code> then fail.</p></Confirm>}
    </>
  );
}
