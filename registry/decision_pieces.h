// Decisions as they are kept: JSON whose keys are a byte or two. A decision is kept for every
// request, and what that costs is its bytes, which are written three times.
//
// JSON has no control characters but white space, and moerge writes none of that, so a control
// character can stand for a piece of text. Pure; any thread.
#pragma once

#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>

namespace moerge {

// Kept decisions hold positions in this list: append only.
inline constexpr std::string_view kDecisionPieces[] = {
    R"({"expert":)",
    R"(,"expected":)",
    R"(,"low":)",
    R"(,"high":)",
    R"(,"price":)",
    R"(,"utility":)",
    R"(,"excluded":null})",
    R"({"skill":)",
    R"(,"probability":)",
    R"(,"weight":)",
    R"(,"excluded":)",
    R"(,"outcome":)",
    R"(,"code":)",
    R"(,"error":)",
    R"(,"note":)",
    R"(,"ms":)",
    R"(,"retry":)",
    R"({"id":)",
    R"(,"object":"moerge.decision","time":")",
    R"(","request_id":)",
    R"(,"revision":)",
    R"(,"model":)",
    R"(,"policy":)",
    R"(,"stream":)",
    R"(,"expert":)",
    R"(,"signals":)",
    R"(,"demand":{"classifier":)",
    R"(,"confidence":)",
    R"(,"bytes_read":)",
    R"(,"bytes_total":)",
    R"(,"skills":)",
    R"(,"notes":)",
    R"(,"considered":)",
    R"(,"candidates":)",
    R"(,"roster":)",
    R"(,"fallbacks":)",
    R"(,"reasons":)",
    R"(,"attempts":)",
    R"(,"timings":{"classify_us":)",
    R"(,"recruit_us":)",
    R"(,"upstream_ms":)",
    R"(,"first_token_ms":)",
    R"(,"total_ms":)",
    R"(,"overhead_ms":)",
    R"(},"usage":)",
    R"({"prompt_tokens":)",
    R"(,"completion_tokens":)",
    R"(,"estimated":)",
    R"(,"cost_usd":)",
    R"(,"request":{)",
    R"(,"prompt_tokens":)",
    R"(,"max_tokens":)",
    R"(,"needs_functions":)",
    R"(,"needs_vision":)",
    R"(,"experts":)",
    R"(,"seed":")",
    R"("})",
    R"("user":)",
    R"(,"system":)",
    R"(,"earlier":)",
    R"(,"truncated":)",
    R"("user_bytes":)",
    R"(,"system_bytes":)",
    R"(,"user_hash":)",
    R"(,"null_seats":)",
    R"(,"uncertain":)",
    R"(,"broadcast":)",
    R"(,"abstained":)",
    R"(,"null_seats":0,"uncertain":false,"broadcast":0,"abstained":false)",
};

// A piece as kept: a byte from 0x01 for each of the first kShortPieces; 0x1F and a byte from 0x20
// for the others.
inline constexpr std::size_t kShortPieces = 30;
inline constexpr char kLongPiece = 0x1F;
static_assert(std::size(kDecisionPieces) < kShortPieces + 0x60);

struct PieceCode {
  char bytes[2];
  std::size_t size;
  constexpr operator std::string_view() const { return {bytes, size}; }
};

// What stands for `text`; does not compile unless that is a piece.
consteval PieceCode PieceOf(std::string_view text) {
  std::size_t at = 0;
  while (kDecisionPieces[at] != text) ++at;
  if (at < kShortPieces) return {{static_cast<char>(at + 1), 0}, 1};
  return {{kLongPiece, static_cast<char>(at - kShortPieces + 0x20)}, 2};
}

// The JSON that `packed` stands for; JSON itself stands for itself.
void AppendUnpacked(std::string_view packed, std::string* out);
inline std::string Unpacked(std::string_view packed) {
  std::string json;
  AppendUnpacked(packed, &json);
  return json;
}

}  // namespace moerge
