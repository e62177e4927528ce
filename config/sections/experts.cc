#include <algorithm>

#include "config/base/text.h"
#include "config/sections/sections.h"
#include "config/validate.h"

namespace moerge {
namespace {

void ReadPrice(FieldReader in, Price* price) {
  in.Number("input", &price->input);
  in.Number("output", &price->output);
  in.Number("cached_input", &price->cached_input);
  in.Number("reasoning", &price->reasoning);
  in.Number("image", &price->image);
  in.Number("audio", &price->audio);
  in.Number("audio_output", &price->audio_output);
  in.RejectUnknownKeys();
}

Expert ReadFields(FieldReader& in) {
  Expert expert;
  expert.origin = Origin::kFile;
  in.Text("name", &expert.name, kRequired);
  in.Choice<ExpertKind>("kind", &expert.kind,
                        {{ExpertKindName(ExpertKind::kLlm), ExpertKind::kLlm},
                         {ExpertKindName(ExpertKind::kTool), ExpertKind::kTool}});
  in.Text("description", &expert.description);
  in.Text("backend", &expert.backend);
  in.Text("model", &expert.model);
  in.Integer("context", &expert.context);
  in.Integer("max_output", &expert.max_output);
  ReadPrice(in.Section("price"), &expert.price);
  in.Number("memory_gb", &expert.memory_gb);
  in.Number("active_params", &expert.active_params);
  in.Number("latency_ms", &expert.latency_ms);
  in.Flag("vision", &expert.vision);
  in.Flag("function_calling", &expert.function_calling);
  in.Numbers("skills", &expert.skills);
  in.Texts("retired_skills", &expert.retired_skills);
  in.Texts("tags", &expert.tags);
  in.Text("licence", &expert.licence);
  in.Flag("enabled", &expert.enabled);
  return expert;
}

std::string Known(const std::vector<std::string>& backends) {
  constexpr std::size_t kMost = 10;
  if (backends.empty()) return " This file has no backends.";
  const std::size_t count = std::min(backends.size(), kMost);
  const std::vector<std::string> first(backends.begin(), backends.begin() + count);
  return " Backends here: " + Join(first, ", ") + (count < backends.size() ? ", ..." : ".");
}

void CheckBackend(const Expert& expert, const std::vector<std::string>& backends, FieldReader* in) {
  if (expert.backend.empty() || expert.kind == ExpertKind::kTool) return;
  if (std::find(backends.begin(), backends.end(), expert.backend) != backends.end()) return;
  // A comparison with each of thousands of names, for each of thousands of experts, would take
  // long.
  constexpr std::size_t kMostCompared = 500;
  const std::string near =
      backends.size() > kMostCompared ? std::string() : DidYouMean(expert.backend, backends);
  in->AddError("backend", "there is no backend of this name." + near + Known(backends));
}

}  // namespace

void ReadExperts(FieldReader& top, Config* config, ReadContext* context) {
  std::vector<std::string> backends;
  for (const Backend& backend : config->backends) backends.push_back(backend.name);
  UniqueNames names;
  top.Each("experts", [&](const YamlPtr& item, const std::string& path) {
    FieldReader in(item, path, context);
    Expert expert = ReadFields(in);
    in.Check(FindMistakes(expert));
    CheckBackend(expert, backends, &in);
    names.Add(expert.name, &in);
    in.RejectUnknownKeys();
    config->experts.push_back(std::move(expert));
  });
}

}  // namespace moerge
