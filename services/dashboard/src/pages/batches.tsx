// Files of requests that are answered in the background.
import {useState} from "preact/hooks";
import {isRunning, timeLeft} from "../lib/batch";
import {BatchForm} from "../forms/batch";
import {count, percent, span} from "../lib/format";
import {useLoad} from "../lib/load";
import {usePage} from "../lib/page";
import type {Batch, List} from "../lib/types";
import {Bar, Empty, ErrorNotice, Loading, PageHead, Section, Time, Word} from "../ui/basics";
import {Exports, exportRows, Table, type Column} from "../ui/table";
import {BatchDetail} from "./batch-detail";
import {DevicesPanel} from "./devices";

export function Progress({batch}: {batch: Batch}) {
  const {total, completed, failed} = batch.request_counts;
  const left = timeLeft(batch, Date.now());
  if (!total) return <span class="quiet">{isRunning(batch) ? "being read" : "–"}</span>;
  const share = (completed + failed) / total;
  return (
    <div>
      <Bar value={share} label={`${percent(share)} done`} tone={failed ? "warn" : isRunning(batch) ? "info" : "good"} />
      <div class="quiet">{count(completed)} of {count(total)}{failed ? `, ${count(failed)} failed` : ""}{left != null ? `, about ${span(left)} left` : ""}</div>
    </div>
  );
}

const COLUMNS: Column<Batch>[] = [
  {key: "status", title: "Status", value: (batch) => batch.status, show: (batch) => <Word of="work" value={batch.status} />},
  {key: "progress", title: "Progress", value: (batch) => batch.request_counts.completed, show: (batch) => <Progress batch={batch} />},
  {key: "created", title: "Made", value: (batch) => batch.created_at, show: (batch) => <Time at={batch.created_at} />},
  {key: "took", title: "Took", number: true, wide: true, value: (batch) => (batch.completed_at && batch.created_at ? batch.completed_at - batch.created_at : null),
    show: (batch) => (batch.completed_at && batch.created_at ? span((batch.completed_at - batch.created_at) * 1000) : "–")},
];

export default function Batches() {
  const page = usePage();
  const [fast, setFast] = useState(false);
  const list = useLoad<List<Batch>>("/v1/batches?limit=200", fast ? 2000 : 10_000);
  const [adding, setAdding] = useState(false);
  const rows = list.data?.data ?? [];
  if (rows.some(isRunning) !== fast) setFast(!fast);
  const open = page.query["open"];
  const columns: Column<Batch>[] = [
    {key: "id", title: "Batch", sortable: false, value: (batch) => batch.id, show: (batch) => <button class="link" onClick={() => page.set({open: batch.id})}>{batch.id.slice(0, 18)}</button>},
    ...COLUMNS.map((column) => ({...column, sortable: false})),
  ];
  return (
    <>
      <PageHead title="Batches">
        {rows.length > 0 && <Exports name="moerge-batches" rows={() => exportRows(columns, rows)} />}
        <button class="primary" onClick={() => setAdding(true)}>New batch</button>
      </PageHead>
      <ErrorNotice error={list.error} retry={list.reload} />
      {!list.data && list.loading && <Loading />}
      {list.data && (
        <Section title="Batches" aside="Clients' requests go first; a batch goes on after a restart.">
          {rows.length
            ? <Table label="Batches, newest first" columns={columns} rows={rows} keyOf={(batch) => batch.id} />
            : <Empty title="No batch yet."><p>Many requests in one file, answered in the background: upload one, or make one of lines of text.</p><button class="primary" onClick={() => setAdding(true)}>New batch</button></Empty>}
          {list.data.has_more && <p class="quiet">Older ones are not shown.</p>}
        </Section>
      )}
      <DevicesPanel batches={rows} />
      {adding && <BatchForm onClose={(id) => { setAdding(false); list.reload(); if (id) page.set({open: id}); }} />}
      {open && <BatchDetail id={open} onClose={() => { page.set({open: undefined}); list.reload(); }} />}
    </>
  );
}
