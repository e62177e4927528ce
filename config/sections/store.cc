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

std::optional<std::chrono::seconds> ParseHalfLife(std::string_view text) {
  if (text == "off") return 0s;
  const auto span = ParseDuration(text);
  if (!span || *span < 24h || *span > 24h * 3650) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::seconds>(*span);
}

void ReadDecisions(FieldReader in, StoreConfig* store) {
  in.Duration("max_age", &store->decisions_max_age, 1s, 24h * 3650);
  in.Integer("max_count", &store->decisions_max_count, 0, 1'000'000'000);
  in.Flag("keep_text", &store->decisions_keep_text);
  in.RejectUnknownKeys();
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
  in.RejectUnknownKeys();
}

// `off` is how YAML says the default.
void ReadProfiles(FieldReader& top, Config* config, ReadContext*) {
  FieldReader in = top.Section("profiles");
  in.Scalar("half_life", &config->profiles.half_life,
            "off, or a duration from 1d to 3650d: evidence of that age counts half", ParseHalfLife);
  in.RejectUnknownKeys();
}

void ReadTools(FieldReader& top, Config* config, ReadContext*) {
  top.Flag("tools", &config->tools);
}

}  // namespace moerge
