// True by recognised: the darker, the larger the share of a row. The diagonal is what was recognised rightly.
import {useState} from "preact/hooks";
import {count, percent} from "../lib/format";
import type {Matrix} from "../lib/confusion";

const ROOMY = 16;  // names up to which there is room for figures
const LETTER = 7;  // pixels

export function ConfusionMap({matrix, unit}: {matrix: Matrix; unit: string}) {
  const {names, counts, sums} = matrix;
  const [at, setAt] = useState<[number, number] | null>(null);
  const words = (i: number, j: number) =>
    `${names[i]}${i === j ? " recognised as such" : ` taken for ${names[j]}`}: ${count(counts[i]![j]!)} of ${count(sums[i]!)} ${unit}, ${percent(counts[i]![j]! / sums[i]!)}`;
  const CELL = names.length <= ROOMY ? 32 : 20;
  const longest = Math.max(4, ...names.map((name) => name.length));
  const NAME = Math.min(longest, 22) * LETTER + 14, HEAD = Math.min(longest, 16) * LETTER + 14;
  const width = NAME + names.length * CELL, height = HEAD + names.length * CELL;
  return (
    <div class="confusion">
      <div class="confusion-scroll" tabIndex={0} role="group" aria-label="The picture, which scrolls">
        <svg class="picture" viewBox={`0 0 ${width} ${height}`} style={{width: `${width}px`}} role="img" onMouseLeave={() => setAt(null)}
          aria-label={`What is taken for what: ${percent(matrix.right / matrix.total)} of ${count(matrix.total)} ${unit} recognised rightly. The table below says the same.`}>
          {names.map((name, j) => (
            <text key={name} class={at?.[1] === j ? "" : "quiet"} transform={`translate(${NAME + j * CELL + CELL / 2 + 4} ${HEAD - 6}) rotate(-90)`}>{cut(name, 16)}<title>{name}</title></text>
          ))}
          {names.map((name, i) => (
            <g key={name} transform={`translate(0 ${HEAD + i * CELL})`}>
              <text class={at?.[0] === i ? "" : "quiet"} x={NAME - 6} y={CELL / 2 + 4} text-anchor="end">{cut(name, 22)}<title>{name}</title></text>
              {names.map((_, j) => {
                const share = sums[i] ? counts[i]![j]! / sums[i]! : 0;
                return (
                  <g key={j} onMouseEnter={() => setAt([i, j])}>
                    <rect x={NAME + j * CELL + 1} y={1} width={CELL - 2} height={CELL - 2} rx={2}
                      class={share === 0 ? "confusion-none" : i === j ? "fill-good" : "fill-bad"} fill-opacity={share === 0 ? 1 : 0.15 + 0.45 * share}>
                      {share > 0 && <title>{words(i, j)}</title>}
                    </rect>
                    {share > 0 && CELL > 20 && <text class="confusion-count" x={NAME + j * CELL + CELL / 2} y={CELL / 2 + 4} text-anchor="middle">{count(counts[i]![j]!)}</text>}
                  </g>
                );
              })}
            </g>
          ))}
        </svg>
      </div>
      <p class="gantt-said" aria-hidden="true">{at && counts[at[0]]?.[at[1]] ? words(...at) : "Rows: what is true. Columns: what the router recognises."}</p>
    </div>
  );
}

const cut = (text: string, most: number) => (text.length > most ? text.slice(0, most - 1) + "…" : text);
