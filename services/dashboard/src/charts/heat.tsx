// Skills × experts: colour is the mean, strength of the colour the evidence.
import {percent} from "../lib/format";
import {weight} from "../lib/stats";
import type {Evidence} from "../lib/types";

export interface HeatCell {
  measured?: Evidence | undefined;
  declared?: number | undefined;
}

// From red over yellow to green, in steps that the colour-blind tell apart by lightness too.
export function heatColor(mean: number, trials: number): string {
  const hue = Math.round(10 + mean * 130);
  const strength = Math.round((0.25 + 0.75 * weight(trials)) * 100);
  return `color-mix(in srgb, light-dark(hsl(${hue} 62% ${Math.round(68 - mean * 8)}%), hsl(${hue} 50% 27%)) ${strength}%, var(--panel))`;
}

export function Heat({skills, experts, cell, onCell, hrefOf}: {
  skills: string[]; experts: string[]; cell: (skill: string, expert: string) => HeatCell;
  onCell: (skill: string, expert: string) => void; hrefOf: (expert: string) => string;
}) {
  return (
    <div class="heat" role="table" aria-label="Skills by experts" tabIndex={0}
      style={{gridTemplateColumns: `minmax(7rem, max-content) repeat(${experts.length}, minmax(30px, 5rem))`}}>
      <div role="row" style={{display: "contents"}}>
        <span role="columnheader" class="rowname">skill</span>
        {experts.map((expert) => <span key={expert} role="columnheader" class="col" title={expert}><a href={hrefOf(expert)}>{expert}</a></span>)}
      </div>
      {skills.map((skill) => (
        <div key={skill} role="row" style={{display: "contents"}}>
          <span role="rowheader" class="rowname" title={skill} dir="auto">{skill}</span>
          {experts.map((expert) => <Cell key={expert} skill={skill} expert={expert} cell={cell(skill, expert)} onCell={onCell} />)}
        </div>
      ))}
    </div>
  );
}

function Cell({skill, expert, cell, onCell}: {
  skill: string; expert: string; cell: HeatCell; onCell: (skill: string, expert: string) => void;
}) {
  const {measured, declared} = cell;
  if (measured && measured.trials > 0) {
    const words = `${expert}, ${skill}: ${percent(measured.mean)} of ${Math.round(measured.trials)} trials`;
    return <span role="cell"><button class="cell" title={words} aria-label={words} onClick={() => onCell(skill, expert)}
      style={{background: heatColor(measured.mean, measured.trials), color: "var(--heat-text)"}}>{Math.round(measured.mean * 100)}</button></span>;
  }
  if (declared != null) {
    const words = `${expert}, ${skill}: declared ${percent(declared)}, nothing measured`;
    return <span role="cell"><button class="cell declared" title={words} aria-label={words} onClick={() => onCell(skill, expert)}>{Math.round(declared * 100)}</button></span>;
  }
  return <span role="cell"><span class="cell none" style={{display: "block"}} title={`${expert}, ${skill}: nothing known`} /></span>;
}
