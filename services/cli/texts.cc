#include "services/cli/texts.h"

#include <cstdio>

namespace moerge::cli {

std::string TextOf(json::Value value) { return std::string(value.AsString().value_or("")); }

std::string Percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", 100 * share);
  return text;
}

void Warn(const std::string& message) { std::fprintf(stderr, "warning: %s\n", message.c_str()); }

}  // namespace moerge::cli
