#include "registry/sqlite/decision_packing.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <iterator>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace moerge::sqlite {
namespace {

// Kept decisions hold positions in this list: append only.
constexpr std::string_view kPieces[] = {
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
    R"(,"provisional":true)",
    R"(,"expected":0,"low":0,"high":0,"price":0,"utility":0,"excluded":"no_skill"})",
    R"(,"note":null,"ms":)",
    R"(,"outcome":"ok","code":null,"error":null,"note":null,"ms":)",
    R"(,"stream":false,"outcome":"ok","expert":)",
    R"(,"error":null,"signals":null,"demand":{"classifier":)",
    R"(,"skills":[],"experts":[],"seed":")",
    R"(,"needs_functions":false,"needs_vision":false)",
    R"(,"truncated":false,"prompt_tokens":)",
    R"(,"system":"","earlier":[])",
    R"(,"price":0,"utility":)",
    R"(,"request_id":)",
    R"(,"usage":)",
    R"(,"request":{"user":)",
    R"(,"request":{"user_bytes":)",
};

// A piece as kept: a byte from 0x01 for each of the first kShortPieces; 0x1F and a byte from 0x20
// for the others.
constexpr std::size_t kShortPieces = 30;
constexpr char kLongPiece = 0x1F;
static_assert(std::size(kPieces) < kShortPieces + 0x60);

constexpr char kAsItIs = '\0';  // before what is kept unpacked

constexpr std::size_t kShortest = 6;  // of what is looked for; also what one look reads

std::size_t SlotOf(const char* text) {
  std::uint32_t head = 0;
  std::uint32_t next = 0;
  std::memcpy(&head, text, sizeof head);
  std::memcpy(&next, text + kShortest - sizeof next, sizeof next);
  return (head * 0x9E3779B1u + next * 0x85EBCA6Bu) >> 23;
}

template <class Word>
bool SameWord(const char* a, const char* b) {
  return std::memcmp(a, b, sizeof(Word)) == 0;  // one comparison, since the size is known
}

// Most pieces are short: two words that may overlap. REQUIRES: both have at least kShortest bytes.
bool BeginsWith(std::string_view text, std::string_view piece) {
  static_assert(kShortest >= sizeof(std::uint32_t));
  const std::size_t size = piece.size();
  if (text.size() < size) return false;
  const char* const a = text.data();
  const char* const b = piece.data();
  if (size < sizeof(std::uint64_t)) {
    const std::size_t rest = size - sizeof(std::uint32_t);
    return SameWord<std::uint32_t>(a, b) && SameWord<std::uint32_t>(a + rest, b + rest);
  }
  if (!SameWord<std::uint64_t>(a, b)) return false;
  if (size > 2 * sizeof(std::uint64_t)) return std::memcmp(a, b, size) == 0;
  const std::size_t rest = size - sizeof(std::uint64_t);
  return SameWord<std::uint64_t>(a + rest, b + rest);
}

// The few pieces that begin otherwise are read, and written no more.
bool MayBegin(char c, char next) { return (c == ',' || c == '{') && next == '"'; }

// Where to look for the pieces that begin like a text: by its first bytes, the longest first.
class PieceIndex {
 public:
  PieceIndex() {
    std::size_t order[std::size(kPieces)];
    for (std::size_t i = 0; i < std::size(kPieces); ++i) order[i] = i;
    std::stable_sort(std::begin(order), std::end(order), [](std::size_t a, std::size_t b) {
      return kPieces[a].size() < kPieces[b].size();
    });
    for (const std::size_t piece : order) {
      if (kPieces[piece].size() < kShortest || !MayBegin(kPieces[piece][0], kPieces[piece][1]))
        continue;
      std::uint8_t& first = slots_[SlotOf(kPieces[piece].data())];
      next_[piece] = first;
      first = static_cast<std::uint8_t>(piece + 1);
    }
  }

  // The longest piece that `text` begins with, or the number of pieces. REQUIRES: at least
  // kShortest bytes.
  std::size_t Find(std::string_view text) const {
    for (std::size_t at = slots_[SlotOf(text.data())]; at != 0; at = next_[at - 1]) {
      if (BeginsWith(text, kPieces[at - 1])) return at - 1;
    }
    return std::size(kPieces);
  }

 private:
  std::array<std::uint8_t, 512> slots_{};                // 1 + piece; 0: none
  std::array<std::uint8_t, std::size(kPieces)> next_{};  // in the same slot
};

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20; }

// The piece whose code begins at `*at`, which is advanced; empty for a code that is none.
std::string_view TakePiece(std::string_view packed, std::size_t* at) {
  const auto byte = static_cast<unsigned char>(packed[(*at)++]);
  std::size_t piece = byte - 1u;
  if (byte == static_cast<unsigned char>(kLongPiece)) {
    if (*at == packed.size()) return {};
    piece = kShortPieces + static_cast<unsigned char>(packed[(*at)++]) - 0x20u;
  }
  return piece < std::size(kPieces) ? kPieces[piece] : std::string_view();
}

char* PutCode(std::size_t piece, char* to) {
  if (piece < kShortPieces) {
    *to++ = static_cast<char>(piece + 1);
    return to;
  }
  *to++ = kLongPiece;
  *to++ = static_cast<char>(piece - kShortPieces + 0x20);
  return to;
}

constexpr std::size_t kStride = 16;  // bytes that are copied at once

// Copies what comes before the first of the next kStride bytes at which a piece may begin; gives
// how many, and sets `*control` if one of the bytes looked at is a control character. REQUIRES:
// `text` has kStride + 1 bytes, and `to` room for kStride.
std::size_t CopyPlainRun([[maybe_unused]] const char* text, [[maybe_unused]] char* to,
                         [[maybe_unused]] bool* control) {
#if defined(__SSE2__)
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text));
  const __m128i next = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + 1));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
  const auto is = [](__m128i all, char c) { return _mm_cmpeq_epi8(all, _mm_set1_epi8(c)); };
  const __m128i controls = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
  *control |= _mm_movemask_epi8(controls) != 0;
  const __m128i begins = _mm_and_si128(_mm_or_si128(is(bytes, ','), is(bytes, '{')), is(next, '"'));
  const auto stops = static_cast<unsigned>(_mm_movemask_epi8(begins));
  return static_cast<std::size_t>(std::countr_zero(stops | 1u << kStride));
#else
  return 0;
#endif
}

}  // namespace

void PackJson(std::string_view json, std::string* out) {
  static const PieceIndex index;
  out->resize(json.size() + kStride);  // a code is shorter than its piece
  char* to = out->data();
  std::size_t at = 0;
  bool control = false;
  const std::size_t last = json.size() < kShortest ? 0 : json.size() - kShortest + 1;
  while (at < last) {
    if (at + kStride < json.size()) {
      const std::size_t plain = CopyPlainRun(json.data() + at, to, &control);
      at += plain;
      to += plain;
      if (plain == kStride || at >= last) continue;
    }
    if (MayBegin(json[at], json[at + 1])) {
      const std::size_t piece = index.Find(json.substr(at));
      if (piece < std::size(kPieces)) {
        to = PutCode(piece, to);
        at += kPieces[piece].size();
        continue;
      }
    }
    control |= IsControl(json[at]);
    *to++ = json[at++];
  }
  for (; at < json.size(); ++at) {
    control |= IsControl(json[at]);
    *to++ = json[at];
  }
  out->resize(static_cast<std::size_t>(to - out->data()));
  if (control) out->assign(1, kAsItIs).append(json);
}

std::string UnpackJson(std::string_view packed) {
  if (!packed.empty() && packed[0] == kAsItIs) return std::string(packed.substr(1));
  std::string json;
  json.reserve(2 * packed.size());
  for (std::size_t at = 0; at < packed.size();) {
    const auto code =
        std::find_if(packed.begin() + static_cast<std::ptrdiff_t>(at), packed.end(), IsControl);
    const auto end = static_cast<std::size_t>(code - packed.begin());
    json.append(packed, at, end - at);
    at = end;
    if (at < packed.size()) json.append(TakePiece(packed, &at));
  }
  return json;
}

}  // namespace moerge::sqlite
