// Declared strengths as text, one skill a line. Pure.

export function strengthsText(skills: Record<string, number>): string {
  return Object.entries(skills).map(([skill, strength]) => `${skill} ${strength}`).join("\n");
}

// "algebra 0.9" or "algebra: 0.9", a line each; the error says which line is wrong.
export function parseStrengths(text: string): {skills: Record<string, number>; error: string | null} {
  const skills: Record<string, number> = {};
  const lines = text.split("\n");
  for (const [index, line] of lines.entries()) {
    if (!line.trim()) continue;
    const found = /^\s*(.+?)[\s:=]+([\d.]+)\s*$/.exec(line);
    const strength = Number(found?.[2]);
    if (!found || !(strength >= 0 && strength <= 1)) {
      return {skills, error: `Line ${index + 1} is no skill with a strength from 0 to 1: “${line.trim()}”. Example: algebra 0.9`};
    }
    skills[found[1]!] = strength;
  }
  return {skills, error: null};
}
