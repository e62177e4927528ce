// What each expert adds: used or not, replaceable or not.
import {count, percent} from "../lib/format";
import {usePage} from "../lib/page";
import type {Contribution, Contributions} from "../lib/contribution";
import {parseOrder} from "../lib/tables";
import {Badge} from "../ui/basics";
import {exportRows, Exports, orderText, Table, type Column} from "../ui/table";

const MOST = 200;

export function ContributionBadges({one}: {one: Contribution | undefined}) {
  if (!one) return null;
  return (
    <>
      {one.dead && <Badge tone="warn" title="Enabled, and not asked once in this time although much was asked">dead</Badge>}
      {one.coveredBy && <Badge tone="warn" title={`${one.coveredBy} is measured at least as good in all of its skills, at no higher price`}>redundant</Badge>}
      {one.valuable && <Badge tone="good" title="The best in skills that are asked for: without it fewer answers would be right">valuable</Badge>}
    </>
  );
}

const points = (share: number | null) => (share == null ? "–" : `${(share * 100).toFixed(share && share < 0.01 ? 2 : 1)} points`);

export function ContributionPanel({data}: {data: Contributions}) {
  const page = usePage();
  const columns: Column<Contribution>[] = [
    {key: "expert", title: "Expert", value: (row) => row.expert, show: (row) => <a href={page.href("/experts", {open: row.expert})} dir="auto">{row.expert}</a>},
    {key: "says", title: "Verdict", sortable: false, value: (row) => [row.dead && "dead", row.coveredBy && `redundant (${row.coveredBy})`, row.valuable && "valuable"].filter(Boolean).join(", "),
      show: (row) => <span><ContributionBadges one={row} />{row.coveredBy && <span class="quiet"> covered by {row.coveredBy}</span>}</span>},
    {key: "requests", title: "Requests", number: true, value: (row) => row.requests, show: (row) => count(row.requests)},
    {key: "share", title: "Share", number: true, value: (row) => row.share, show: (row) => percent(row.share)},
    {key: "success", title: "Without error", number: true, wide: true, value: (row) => row.success, show: (row) => percent(row.success)},
    {key: "marginal", title: "Lost without it", number: true, value: (row) => row.marginal, show: (row) => points(row.marginal)},
  ];
  return (
    <details class="panel" open={page.query["contribution"] === "open"} onToggle={(event) => {
      const now = event.currentTarget.open ? "open" : undefined;
      if (now !== page.query["contribution"]) page.set({contribution: now});
    }}>
      <summary><strong>Contribution</strong> <span class="quiet">{data.list.filter((one) => one.dead).length} dead, {data.list.filter((one) => one.coveredBy).length} redundant, {data.list.filter((one) => one.valuable).length} valuable ({page.range.label.toLowerCase()})</span></summary>
      {page.query["contribution"] === "open" && <>
        <p class="quiet">Lost without it: share of right answers that would be missing if routing had to do without the expert, by what is measured and what was asked for.
          {data.entropy != null && <> Requests spread over experts with an entropy of {data.entropy.toFixed(2)} bits of at most {data.most.toFixed(2)}.</>}</p>
        <div class="row spread"><span class="quiet">{data.list.length > MOST ? `${MOST} of ${count(data.list.length)}` : ""}</span><Exports name="moerge-contribution" rows={() => exportRows(columns, data.list)} /></div>
        <Table label="Contribution of experts" columns={columns} rows={[...data.list].sort((a, b) => (b.marginal ?? -1) - (a.marginal ?? -1) || b.requests - a.requests).slice(0, MOST)} keyOf={(row) => row.expert}
          order={parseOrder(page.query["by"], {key: "marginal", down: true})} onOrder={(order) => page.set({by: orderText(order)})} />
      </>}
    </details>
  );
}
