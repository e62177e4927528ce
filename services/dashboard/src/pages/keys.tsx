// Who may call moerge: keys with their limits, and what each has spent.
import {useState} from "preact/hooks";
import {KeyForm} from "../forms/key";
import {call, reloadAll, session} from "../lib/api";
import {count, usd} from "../lib/format";
import {useLoad} from "../lib/load";
import {usePage} from "../lib/page";
import {namePath} from "../lib/query";
import {rotateKey} from "../lib/secret";
import {shares} from "../lib/series";
import {parseOrder} from "../lib/tables";
import type {ApiKey, List, UsageRow} from "../lib/types";
import {Badge, Empty, ErrorNotice, Loading, PageHead, Section, Time, Word} from "../ui/basics";
import {Confirm} from "../ui/dialog";
import {exportRows, Exports, orderText, Table, type Column} from "../ui/table";

function limitsText(key: ApiKey): string {
  const limits = key.limits;
  if (!limits) return "none";
  const parts = [
    limits.requests_per_minute ? `${count(limits.requests_per_minute)} requests a minute` : "",
    limits.tokens_per_minute ? `${count(limits.tokens_per_minute)} tokens a minute` : "",
    limits.concurrent_requests ? `${count(limits.concurrent_requests)} at once` : "",
    limits.budget_usd_day ? `${usd(limits.budget_usd_day)} a day` : "",
    limits.budget_usd_month ? `${usd(limits.budget_usd_month)} a month` : "",
    key.policies?.length ? `policies ${key.policies.join(", ")}` : "", key.experts?.length ? `experts ${key.experts.join(", ")}` : "",
  ].filter(Boolean);
  return parts.join("; ") || "none";
}

function expired(key: ApiKey): boolean {
  return Boolean(key.expires && new Date(key.expires) < new Date());
}

export default function Keys() {
  const page = usePage();
  const keys = useLoad<List<ApiKey>>("/api/v1/keys?limit=1000", 10_000);
  const usage = useLoad<List<UsageRow>>(`/api/v1/usage?per=day&group=client&${page.rangeQuery}`);
  const [form, setForm] = useState<ApiKey | "new" | null>(null);
  const [acting, setActing] = useState<{verb: "rotate" | "revoke"; key: ApiKey} | null>(null);
  const spent = new Map(shares(usage.data?.data ?? [], "client").map((share) => [share.name, share]));
  const rows = keys.data?.data ?? [];
  const columns: Column<ApiKey>[] = [
    {key: "name", title: "Key", value: (key) => key.name, show: (key) => <span><strong dir="auto">{key.name}</strong> {expired(key) && <Badge tone="bad">expired</Badge>}<div class="quiet" dir="auto">{[key.tenant, key.team, key.description].filter(Boolean).join(", ")}</div></span>},
    {key: "role", title: "May", value: (key) => key.role, show: (key) => <Word of="key" value={key.role} />},
    {key: "limits", title: "Limits", wide: true, sortable: false, value: limitsText},
    {key: "requests", title: "Requests", number: true, value: (key) => spent.get(key.name)?.requests ?? 0, show: (key) => <a href={page.href("/requests", {client: key.name})}>{count(spent.get(key.name)?.requests ?? 0)}</a>},
    {key: "cost", title: "Cost", number: true, value: (key) => spent.get(key.name)?.cost ?? 0, show: (key) => usd(spent.get(key.name)?.cost ?? 0)},
    {key: "today", title: "Today", number: true, wide: true, value: (key) => key.usage?.spent_usd_day ?? null, show: (key) => usd(key.usage?.spent_usd_day)},
    {key: "expires", title: "Expires", wide: true, value: (key) => key.expires ?? null, show: (key) => (key.expires ? <Time at={key.expires} /> : "never")},
    {key: "origin", title: "From", wide: true, value: (key) => key.origin, show: (key) => <Word of="origin" value={key.origin} />},
    {key: "act", title: "", sortable: false, value: () => null, show: (key) => key.origin === "store" && (
      <span class="row">
        <button class="small" onClick={() => setForm(key)}>Change</button>
        <button class="small" onClick={() => setActing({verb: "rotate", key})}>Rotate</button>
        <button class="small danger" onClick={() => setActing({verb: "revoke", key})}>Revoke</button>
      </span>
    )},
  ];
  const offered = !keys.error?.notOffered;
  return (
    <>
      <PageHead title="Keys">
        {rows.length > 0 && <Exports name="moerge-keys" rows={() => exportRows(columns.filter((column) => column.key !== "act"), rows)} />}
        {offered && <button class="primary" onClick={() => setForm("new")}>Create a key</button>}
      </PageHead>
      {offered ? <ErrorNotice error={keys.error} retry={keys.reload} /> : <Section title="Keys"><p>This server does not offer keys over its API. They stand in the configuration file, under <code>keys</code>.</p></Section>}
      {!keys.data && keys.loading && <Loading />}
      {keys.data && (
        <Section title="Keys" aside={rows.length > 0 && `requests and cost of ${page.range.label.toLowerCase()}`}>
          {rows.length
            ? <Table label="Keys" columns={columns} rows={rows} keyOf={(key) => key.name} order={parseOrder(page.query["order"], {key: "name", down: false})} onOrder={(order) => page.set({order: orderText(order)})} />
            : <Empty title="No key: every program on this machine may call moerge, and no other machine.">
                <p>With the first key, which is an administrator's, every call needs one; this page then asks for it too.</p>
                <button class="primary" onClick={() => setForm("new")}>Create a key</button>
              </Empty>}
        </Section>
      )}
      {form && <KeyForm {...(form === "new" ? {first: !rows.length} : {old: form, first: false})} onClose={() => { setForm(null); reloadAll(); }} />}
      {acting?.verb === "revoke" && <Confirm title={`Revoke ${acting.key.name}?`} verb="Revoke the key" onClose={() => setActing(null)}
        act={async () => { await call("DELETE", `/api/v1/keys/${namePath(acting.key.name)}`); reloadAll(); }}><p>Calls with it fail from then on. This cannot be undone.</p></Confirm>}
      {acting?.verb === "rotate" && <Confirm title={`Rotate ${acting.key.name}?`} verb="Make a new secret" onClose={() => setActing(null)}
        act={() => rotateKey(acting.key.name)}><p>It gets a new secret; the old one stops working at once{acting.key.name === session.value?.key ? ", and this page asks for the new one: it is logged in with this key" : ""}.</p></Confirm>}
    </>
  );
}
