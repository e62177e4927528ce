#include <chrono>
#include <limits>

#include "config/sections/sections.h"

namespace moerge {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kUrlHelp =
    "sqlite:FILE (for example sqlite:moerge.db), or memory to keep nothing";

std::optional<std::string> ParseUrl(std::string_view text) {
  if (text == "memory" || text == "memory:") return "memory:";  // YAML wants the second one quoted
  const bool sqlite = text.starts_with("sqlite:") && text.size() > 7;
  return sqlite ? std::optional<std::string>(text) : std::nullopt;
}

void ReadDecisions(FieldReader in, StoreConfig* store) {
  in.Duration("max_age", &store->decisions_max_age, 1s, 24h * 3650);
  in.Whole("max_count", &store->decisions_max_count, 0, 1'000'000'000);
  in.Flag("keep_text", &store->decisions_keep_text);
  in.Done();
}

}  // namespace

// Either the URL alone or a map.
void ReadStore(FieldReader& top, Config* config, ReadContext*) {
  if (const YamlPtr node = top.Take("store"); node != nullptr && node->is_scalar()) {
    top.Scalar("store", &config->store.url, kUrlHelp, ParseUrl);
    return;
  }
  FieldReader in = top.Section("store");
  in.Scalar("url", &config->store.url, kUrlHelp, ParseUrl);
  ReadDecisions(in.Section("decisions"), &config->store);
  in.Done();
}

void ReadTools(FieldReader& top, Config* config, ReadContext*) {
  top.Flag("tools", &config->tools);
}

}  // namespace moerge
