// Light, dark, or as the system has it; kept in this browser.
import {effect, signal} from "@preact/signals";

export type Theme = "system" | "light" | "dark";
export const THEMES: [Theme, string][] = [["system", "System colours"], ["light", "Light"], ["dark", "Dark"]];

const KEY = "moerge.theme";

function kept(): Theme {
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : "system";
  } catch {
    return "system";
  }
}

export const theme = signal<Theme>(kept());

const system = matchMedia("(prefers-color-scheme: dark)");
// Pictures on a canvas have no light-dark() of their own.
export const dark = signal(false);

export function applyTheme(): void {
  const settle = () => (dark.value = theme.value === "dark" || (theme.value === "system" && system.matches));
  system.addEventListener("change", settle);
  effect(() => {
    document.documentElement.dataset["theme"] = theme.value;
    settle();
    try {
      if (theme.value === "system") localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, theme.value);
    } catch {
      // A browser that keeps nothing forgets the choice.
    }
  });
}
