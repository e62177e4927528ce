// Model servers on this machine and hosted ones that there is a key for.
#pragma once

#include <string>
#include <vector>

namespace moerge::cli {

struct FoundBackend {
  std::string name;      // for the configuration: "ollama", "vllm", ...
  std::string title;     // for people: "Ollama"
  std::string protocol;  // "openai", "anthropic", "ollama"
  std::string base_url;
  std::string api_key_env;
  std::vector<std::string> models;  // at most 64
  bool hosted = false;
};

// Asks the usual loopback ports, all at once, for at most two seconds. Environment keys are only
// looked at, never sent anywhere.
std::vector<FoundBackend> DiscoverBackends();

// A commented moerge.yaml with those; valid whatever the models are called.
std::string WriteConfiguration(const std::vector<FoundBackend>& found);

}  // namespace moerge::cli
