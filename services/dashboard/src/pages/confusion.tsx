// Which skills the router takes for which, on questions and examples that it had not learnt from when it was asked.
import {ConfusionMap} from "../charts/confusion";
import {matrixOf, mistakesOf, type Level, type Mistake, type Rows} from "../lib/confusion";
import {count, percent} from "../lib/format";
import {useLoad} from "../lib/load";
import {usePage} from "../lib/page";
import type {Confusion} from "../lib/types";
import {Empty, ErrorNotice, Section, Select} from "../ui/basics";
import {exportRows, Exports, Table, type Column} from "../ui/table";

const MOST = 60;
const LEVELS: [Level, string][] = [["category", "categories"], ["skill", "skills"]];
const ROWS: [Rows, string][] = [["all", "questions and examples"], ["questions", "questions of tables"], ["examples", "examples of the vocabulary"]];
const UNITS: Record<Rows, string> = {all: "questions and examples", questions: "questions", examples: "examples"};

export function ConfusionSection() {
  const page = usePage();
  const loaded = useLoad<Confusion>("/api/v1/confusion");
  const level = (page.query["confuse"] ?? "category") as Level, rows = (page.query["rows"] ?? "all") as Rows;
  if (loaded.error?.notOffered) return null;
  const matrix = loaded.data && matrixOf(loaded.data, level, rows, MOST);
  const columns: Column<Mistake>[] = [
    {key: "truth", title: "True", value: (row) => row.truth, show: (row) => <span dir="auto">{row.truth}</span>},
    {key: "said", title: "Taken for", value: (row) => row.said, show: (row) => <span dir="auto">{row.said}</span>},
    {key: "count", title: "How often", number: true, value: (row) => row.count, show: (row) => count(row.count)},
    {key: "share", title: "Of all that are", number: true, value: (row) => row.share, show: (row) => percent(row.share)},
  ];
  const mistakes = matrix ? mistakesOf(matrix) : [];
  return (
    <Section title="What is taken for what" aside={<>
      <Select label="By" value={level} options={LEVELS} onChange={(value) => page.set({confuse: value === "category" ? undefined : value})} />
      <Select label="Counted on" value={rows} options={ROWS} onChange={(value) => page.set({rows: value === "all" ? undefined : value})} />
      {mistakes.length > 0 && <Exports name="moerge-confusion" rows={() => exportRows(columns, mistakes)} />}
    </>}>
      <ErrorNotice error={loaded.error} retry={loaded.reload} />
      {matrix && matrix.total === 0 && (
        <Empty title={rows === "questions" ? "No question with a category was imported." : "Nothing was learnt yet."}>
          <p>{rows === "questions" ? "Import a table whose rows have a category, or run an evaluation with such questions: then this shows which categories the router mixes up." : "As soon as the router has learnt the vocabulary, this shows which skills it mixes up."}</p>
        </Empty>
      )}
      {matrix && matrix.total > 0 && <>
        <p>The router recognises {percent(matrix.right / matrix.total)} of {count(matrix.total)} {UNITS[rows]} rightly. Each was asked of a classifier that had not learnt from it.
          {matrix.leftOut > 0 && ` Shown are the ${MOST} that are mixed up most often; ${count(matrix.leftOut)} others are left out.`}</p>
        <ConfusionMap matrix={matrix} unit={UNITS[rows]} />
        {mistakes.length > 0 && (
          <details>
            <summary>As a table, the most frequent first</summary>
            <Table label="What is taken for what" columns={columns} rows={mistakes.slice(0, 200)} keyOf={(row) => `${row.truth}\n${row.said}`} />
          </details>
        )}
      </>}
    </Section>
  );
}
