// The configuration in force with each value's origin, and the record of changes.
import {useEffect, useState} from "preact/hooks";
import {RegistryExport, RegistryImport} from "../forms/registry";
import {ApiError, call, get, reloadAll, send} from "../lib/api";
import {plural} from "../lib/format";
import {JSON_LINES} from "../lib/jsonl";
import {useAction, useLoad} from "../lib/load";
import {usePage} from "../lib/page";
import {parseOrder} from "../lib/tables";
import type {AuditRecord, Health, List, Setting} from "../lib/types";
import {wordsOf} from "../lib/words";
import {Revisions} from "./revisions";
import {ErrorNotice, Loading, Notice, PageHead, Section, Select, Time, Word} from "../ui/basics";
import {changedFields} from "../lib/diff";
import {download, exportRows, Exports, orderText, Table, type Column} from "../ui/table";

const SETTINGS: Column<Setting>[] = [
  {key: "path", title: "Setting", value: (row) => row.path, show: (row) => <code>{row.path}</code>},
  {key: "value", title: "Value", value: (row) => row.value, show: (row) => <span dir="auto">{row.value || <span class="quiet">empty</span>}</span>},
  {key: "origin", title: "From", value: (row) => row.origin, show: (row) => <Word of="setting" value={row.origin} />},
  {key: "restart", title: "Takes effect", wide: true, value: (row) => (row.restart ? "with a restart" : "at once")},
];

export default function Settings() {
  const page = usePage();
  const settings = useLoad<List<Setting> & {file?: string | null}>("/api/v1/settings");
  const health = useLoad<Health>("/health", 15_000);
  const [said, setSaid] = useState<string | null>(null);
  const action = useAction();
  const find = page.query["find"] ?? "", origin = page.query["origin"] ?? "";
  const rows = (settings.data?.data ?? []).filter((row) => `${row.path} ${row.value}`.toLowerCase().includes(find.toLowerCase()) && (!origin || row.origin === origin));
  const reload = () => action.run(async () => {
    const done = await call<{revision?: number}>("POST", "/api/v1/reload", {body: {}});
    setSaid(`The configuration file was read again and is in force${done.revision != null ? ` (revision ${done.revision})` : ""}.`);
    reloadAll();
  });
  const [file, setFile] = useState<"export" | "import" | null>(null);
  return (
    <>
      <PageHead title="Settings">
        {rows.length > 0 && <Exports name="moerge-settings" rows={() => exportRows(SETTINGS, rows)} />}
        <button onClick={() => setFile("export")}>Export the registry</button>
        <button onClick={() => setFile("import")}>Import a registry</button>
        <button disabled={action.busy} onClick={() => void reload()}>Reload the configuration file</button>
      </PageHead>
      <ErrorNotice error={action.error} />
      {said && <Notice tone="good">{said}</Notice>}
      <p class="quiet">moerge {health.data?.version ?? ""}{settings.data?.file ? <>, configured by <code>{settings.data.file}</code></> : ""}; store {health.data?.store ?? "unknown"}. The API is described at <a href="/docs">/docs</a>, for programs at <a href="/openapi.json">/openapi.json</a>.</p>
      {file === "export" && <RegistryExport onClose={() => setFile(null)} />}
      {file === "import" && <RegistryImport onClose={() => setFile(null)} onDone={reloadAll} />}
      {settings.error && <Section title="Configuration"><ErrorNotice error={settings.error} retry={settings.reload} /></Section>}
      {!settings.data && settings.loading && <Loading />}
      {settings.data && (
        <Section title="Configuration in force" aside={plural(rows.length, "value")}>
          <div class="filters">
            <label>Find<input type="search" data-search value={find} placeholder="Setting or value ( / )" onInput={(event) => page.set({find: event.currentTarget.value})} /></label>
            <label>From<Select value={origin} options={[["", "anywhere"], ...wordsOf("setting")]} onChange={(value) => page.set({origin: value})} /></label>
          </div>
          <Table label="Configuration" columns={SETTINGS} rows={rows} keyOf={(row) => row.path + row.origin} order={parseOrder(page.query["order"], {key: "path", down: false})} onOrder={(order) => page.set({order: orderText(order)})} />
        </Section>
      )}
      <Revisions />
      <Audit />
    </>
  );
}

const PAGE = 100;
const KINDS = ["backend", "expert", "skill", "policy", "key", "profile"];

function Audit() {
  const page = usePage();
  const kind = page.query["kind"] ?? "";
  const query = `limit=${PAGE}&${page.rangeQuery}${kind ? `&kind=${kind}` : ""}`;
  const first = useLoad<List<AuditRecord>>(`/api/v1/audit?${query}`);
  const [older, setOlder] = useState<AuditRecord[]>([]);
  const [more, setMore] = useState(true);
  const action = useAction();
  useEffect(() => { setOlder([]); setMore(true); }, [first.data]);
  const rows = [...(first.data?.data ?? []), ...older];
  const loadMore = () => action.run(async () => {
    const list = await get<List<AuditRecord>>(`/api/v1/audit?${query}&before=${rows.at(-1)?.id}`);
    setOlder([...older, ...list.data]);
    setMore(Boolean(list.has_more));
  });
  const exportAll = () => action.run(async () => download("moerge-audit.jsonl", JSON_LINES, await (await send("GET", "/api/v1/audit/export")).text()));
  if (first.error instanceof ApiError && first.error.notOffered) return <Section title="Changes"><p>This server does not offer a record of changes.</p></Section>;
  return (
    <Section title="Changes" aside={<>
      <Select label="Kind" value={kind} options={[["", "all kinds"], ...KINDS]} onChange={(value) => page.set({kind: value})} />
      <button class="small" disabled={action.busy} onClick={() => void exportAll()}>Export all</button>
    </>}>
      <ErrorNotice error={first.error ?? action.error} />
      {first.data && !rows.length && <p class="quiet">No change in this time ({page.range.label.toLowerCase()}).</p>}
      {rows.map((row) => <Change key={row.id} record={row} />)}
      {rows.length > 0 && first.data?.has_more && more && <button disabled={action.busy} onClick={() => void loadMore()}>Older changes</button>}
    </Section>
  );
}

const VERBS = {create: "added", change: "changed", remove: "removed"} as const;

function Change({record}: {record: AuditRecord}) {
  const fields = changedFields(record);
  return (
    <details class="change">
      <summary><Time at={record.time} /> · <strong dir="auto">{record.who ?? "without a key"}</strong> {VERBS[record.action]} the {record.kind} <strong dir="auto">{record.name}</strong>
        <span class="quiet"> {record.through ? `through the ${record.through === "api" ? "API" : record.through}, ` : ""}revision {record.revision}</span></summary>
      <div class="diff">
        <strong>Field</strong><strong>Before</strong><strong>After</strong>
        {fields.map(([key, before, after]) => [<code key={key}>{key}</code>, <span key={key + "b"} class="was" dir="auto">{before}</span>, <span key={key + "a"} dir="auto">{after}</span>])}
      </div>
    </details>
  );
}

