// Any bytes as a configuration: no crash, and every mistake has a place and a text.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "config/base/utf8.h"
#include "config/config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const moerge::ConfigReport report = moerge::ParseConfig(text, "fuzz.yaml");
  for (const moerge::ConfigMistake& mistake : report.mistakes) {
    if (mistake.message.empty() || mistake.line < 0 || mistake.column < 0) std::abort();
  }
  if (!moerge::utf8::IsValid(moerge::FormatMistakes(report, "fuzz.yaml"))) std::abort();
  return 0;
}
