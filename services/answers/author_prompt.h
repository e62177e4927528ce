// Prompts for experts that write one answer after reading several. What stands here goes behind
// the client's own last turn, with the answers quoted after it (quoting.h). Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/answers/quoting.h"

namespace moerge {

// One best answer out of all (Mixture-of-Agents, Wang et al. 2024; Symbolic-MoE, Chen et al. 2025).
// With `attributed` every sentence ends with the letters of the answers that it rests on.
std::string SynthesisInstructions(bool attributed);
// The same request answered again after reading drafts of it (ensemble refinement, Med-PaLM 2,
// Singhal et al. 2023).
std::string_view RefinementInstructions();
// The same request answered with what specialists say at hand. `failed`: the specialists that did
// not answer.
std::string ConsultInstructions(const std::vector<std::string>& failed);
// The same request answered in a later layer, having read the layer before (Mixture-of-Agents).
std::string_view LayerInstructions();
// What the others' anonymous rankings say of the answers below.
std::string ReviewNote(const std::vector<Quote>& quotes, const std::vector<double>& mean_ranks);
// The other side's answer in a debate, to be refuted or conceded.
std::string_view RebuttalInstructions();

// The subtasks of the nominal group technique but the last (Multi-expert Prompting, Long et al.
// 2024): agreed, conflicting and isolated viewpoints, conflicts resolved, one merged answer; as
// JSON.
std::string_view PanelInstructions();
struct Viewpoints {
  std::string answer;  // the merged one
  std::vector<std::string> agreed;
  std::vector<std::string> conflicting;
  std::vector<std::string> isolated;
};
// Nothing: the reply is no such JSON, also not in a fence.
std::optional<Viewpoints> ViewpointsIn(std::string_view reply);

}  // namespace moerge
