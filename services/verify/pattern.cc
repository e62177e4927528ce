#include "services/verify/pattern.h"

#include <utility>

#include "config/base/utf8.h"

namespace moerge {
namespace {

constexpr std::size_t kMaxPattern = 4096;
constexpr int kMaxProgram = 4000;
constexpr std::int64_t kMemory = 1 << 20;

Error BadPattern(const std::string& place, const std::string& param, std::string_view why) {
  return Error{.code = ErrorCode::kInvalid,
               .message = place + " is no regular expression that can be used: " + std::string(why),
               .param = param};
}

}  // namespace

Result<std::unique_ptr<RE2>> CompilePattern(std::string_view pattern, const std::string& place,
                                            const std::string& param) {
  if (pattern.size() > kMaxPattern) {
    return BadPattern(place, param, "it is longer than " + std::to_string(kMaxPattern) + " bytes");
  }
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMemory);
  auto compiled = std::make_unique<RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!compiled->ok()) {
    return BadPattern(place, param,
                      std::string(utf8::Truncate(compiled->error(), 200)) +
                          ". The syntax is RE2's: no look-around, no back-references");
  }
  if (compiled->ProgramSize() > kMaxProgram) {
    return BadPattern(
        place, param,
        "it needs more than " + std::to_string(kMaxProgram) + " instructions; use smaller counts");
  }
  return compiled;
}

}  // namespace moerge
