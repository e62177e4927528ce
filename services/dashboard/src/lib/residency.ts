// What backends say of their models, where one may have several devices and a model may be on any.
import type {ResidencyState} from "./types";

type Models = ResidencyState["models"];

export function modelsOf(states: ResidencyState[], backend: string | undefined): Models {
  return states.filter((state) => state.backend === backend).flatMap((state) => state.models);
}

// Of an expert on several devices: where it is loaded, else where it is something else than out.
export function stateOf(models: Models, expert: string): Models[number] | undefined {
  const rank = (state: string) => (state === "loaded" ? 0 : state === "out" ? 2 : 1);
  return models.filter((model) => model.expert === expert).sort((a, b) => rank(a.state) - rank(b.state))[0];
}
