// A table that sorts by its heads and exports what it shows; of many rows the first are drawn, more on request.
import type {ComponentChildren} from "preact";
import {useState} from "preact/hooks";
import {count} from "../lib/format";
import {csv, ordered, orderText, parseOrder, type Cell, type Order, type Row} from "../lib/tables";

const DRAWN = 100;  // rows at once

export interface Column<T> {
  key: string;
  title: string;
  value: (row: T) => Cell;                  // sorted by and exported
  show?: (row: T) => ComponentChildren;     // without it: the value
  number?: boolean;                         // to the right, figures of one width
  sortable?: boolean;                       // true unless said otherwise
  wide?: boolean;                           // left out on narrow screens
}

export function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], {type}));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

export function exportRows<T>(columns: Column<T>[], rows: T[]): Row[] {
  return rows.map((row) => Object.fromEntries(columns.map((column) => [column.key, column.value(row)])));
}

export function Exports({name, rows}: {name: string; rows: () => Row[]}) {
  return (
    <span class="exports">
      <button class="small" onClick={() => download(`${name}.csv`, "text/csv", csv(rows()))}>CSV</button>
      <button class="small" onClick={() => download(`${name}.json`, "application/json", JSON.stringify(rows(), null, 1))}>JSON</button>
    </span>
  );
}

export function Table<T>({columns, rows, order, onOrder, keyOf, label, rowClass}: {
  columns: Column<T>[]; rows: T[]; order?: Order; onOrder?: (order: Order) => void; keyOf: (row: T) => string;
  label: string; rowClass?: (row: T) => string;
}) {
  const [drawn, setDrawn] = useState(DRAWN);
  const by = order && columns.find((column) => column.key === order.key);
  const shown = by && order ? ordered(rows, by.value, order.down) : rows;
  return (
    <div class="table-frame" role="region" aria-label={label} tabIndex={0}>
      <table>
        <thead><tr>
          {columns.map((column) => <Head key={column.key} column={column} order={order} onOrder={onOrder} />)}
        </tr></thead>
        <tbody>
          {shown.slice(0, drawn).map((row) => (
            <tr key={keyOf(row)} class={rowClass?.(row)}>
              {columns.map((column) => (
                <td key={column.key} class={cellClass(column)}>{column.show ? column.show(row) : column.value(row)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length > drawn && <p class="table-more"><button class="small" onClick={() => setDrawn(drawn + DRAWN)}>{count(Math.min(DRAWN, shown.length - drawn))} more</button> <span class="quiet">{count(drawn)} of {count(shown.length)}</span></p>}
    </div>
  );
}

const cellClass = <T,>(column: Column<T>) => `${column.number ? "number" : ""} ${column.wide ? "wide-only" : ""}`;

function Head<T>({column, order, onOrder}: {
  column: Column<T>; order: Order | undefined; onOrder: ((order: Order) => void) | undefined;
}) {
  if (!onOrder || column.sortable === false) return <th scope="col" class={cellClass(column)}>{column.title || <span class="hidden-text">Actions</span>}</th>;
  const on = order?.key === column.key;
  const next = {key: column.key, down: on ? !order.down : Boolean(column.number)};
  return (
    <th scope="col" class={cellClass(column)} aria-sort={on ? (order.down ? "descending" : "ascending") : "none"}>
      <button class="head" onClick={() => onOrder(next)}>{column.title}<span aria-hidden="true">{on ? (order.down ? " ↓" : " ↑") : ""}</span></button>
    </th>
  );
}

export {orderText, parseOrder};
