// The sentences for encodings and digests.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "adapters/tools/request.h"
#include "adapters/tools/text_digests.h"
#include "adapters/tools/text_encodings.h"
#include "adapters/tools/text_rules.h"

namespace moerge::tools {
namespace {

using Reply = std::optional<ToolReply>;

// A number to hex or binary is a change of base for one reader and an encoding of its digits for
// another.
bool IsNumberInBase(Codec codec, std::string_view text) {
  return (codec == Codec::kHex || codec == Codec::kBinary) && ConsistsOf(text, "0123456789.,-+ ");
}

template <Codec codec>
Reply EncodeText(const TextArguments& a) {
  if (IsNumberInBase(codec, a[0].text)) return std::nullopt;
  Result<std::string> encoded = Encode(codec, a[0].text);
  if (!encoded) return Declined(encoded.error().message);
  return Answered(*std::move(encoded), "the UTF-8 bytes of the text, encoded");
}

template <Codec codec>
Reply DecodeText(const TextArguments& a) {
  Result<std::string> decoded = Decode(codec, a[0].text);
  if (!decoded) return Declined(decoded.error().message);
  return Answered(*std::move(decoded), "decoded as UTF-8 text");
}

template <const char* algorithm>
Reply HashText(const TextArguments& a) {
  auto digest = Digest(algorithm, a[0].text);
  if (!digest) return Declined(std::string(algorithm) + " is not available");
  return Answered(*std::move(digest), std::string(algorithm) + " of the UTF-8 bytes \"" +
                                          std::string(a[0].text.substr(0, 60)) +
                                          (a[0].text.size() > 60 ? "...\"" : "\""));
}

constexpr char kMd5[] = "md5";
constexpr char kSha1[] = "sha1";
constexpr char kSha224[] = "sha224";
constexpr char kSha256[] = "sha256";
constexpr char kSha384[] = "sha384";
constexpr char kSha512[] = "sha512";
constexpr char kCrc32[] = "crc32";

template <Codec codec>
void AddCodec(std::vector<TextRule>& rules, const std::string& names) {
  const std::string text = kTheText;
  const std::string word = "the (word|string|text)";
  for (const std::string& pattern :
       {names + " (encode|encoded|encoding) [of|for] " + text + " <w>",
        "encode " + text + " <w> (in|as|to|into|with|using) " + names,
        "(convert|translate|change) " + word + " <w> (to|into) " + names,
        "what is " + word + " <w> in " + names}) {
    rules.push_back({Pattern(pattern), true, &EncodeText<codec>});
  }
  // "hex color", "binary search", "convert decimal to binary": only quoted text is meant here.
  for (const std::string& pattern :
       {"encode " + text + " (in|as|to|into|with|using) " + names + " <w>",
        "[what is] [the] " + names + " (representation|form) (of|for) " + text + " <w>",
        "(convert|translate|change) " + text + " <w> (to|into) " + names,
        "(convert|translate) " + text + " (to|into) " + names + " <w>",
        "what is " + text + " <w> in " + names, "[what is] [the] " + names + " of " + text + " <w>",
        names + " <w>"}) {
    rules.push_back({Pattern(pattern), false, &EncodeText<codec>});
  }
}

template <Codec codec>
void AddDecoder(std::vector<TextRule>& rules, const std::string& names) {
  const std::string what =
      "[this|the|the following|following] [encoded] [string|text|message|value|code]";
  for (const std::string& pattern :
       {names + " (decode|decoded|decoding) [of] " + what + " <w>",
        "decode " + what + " <w> (from|as|using) " + names,
        "decode " + what + " [from] " + names +
            " [string|text|message|encoded string|encoded text] <w>",
        "(convert|translate) " + what + " [from] " + names +
            " <w> (to|into) (text|ascii|plain text|english|letters)",
        "what does [the] " + names +
            " [string|text|message|code] <w> (decode to|say|mean|decode into)"}) {
    rules.push_back({Pattern(pattern), true, &DecodeText<codec>});
  }
}

void AddHash(std::vector<TextRule>& rules, const std::string& names,
             Reply (*handler)(const TextArguments&)) {
  const std::string text = kTheText;
  for (const std::string& pattern :
       {"[what is|what's|calculate|compute|generate|get|give me|find] [the] " + names +
            " [hash|checksum|digest|sum] (of|for) " + text + " <w>",
        "hash " + text + " <w> (with|using|to) " + names}) {
    rules.push_back({Pattern(pattern), true, handler});
  }
  for (const std::string& pattern :
       {names + " [hash|checksum] <w>", "hash " + text + " (with|using) " + names + " <w>"}) {
    rules.push_back({Pattern(pattern), false, handler});
  }
}

std::vector<TextRule> MakeEncodingRules() {
  std::vector<TextRule> rules;
  AddDecoder<Codec::kBase64>(rules, "(base64|base-64|base 64)");
  AddDecoder<Codec::kHex>(rules, "(hex|hexadecimal)");
  AddDecoder<Codec::kUrl>(rules, "(url|url-encoded|percent|percent-encoded)");
  AddDecoder<Codec::kRot13>(rules, "(rot13|rot-13|rot 13)");
  AddDecoder<Codec::kMorse>(rules, "(morse|morse code)");
  AddDecoder<Codec::kBinary>(rules, "(binary)");
  AddCodec<Codec::kBase64>(rules, "(base64|base-64|base 64)");
  AddCodec<Codec::kHex>(rules, "(hex|hexadecimal)");
  AddCodec<Codec::kUrl>(rules, "(url|url encoding|percent|percent encoding)");
  AddCodec<Codec::kRot13>(rules, "(rot13|rot-13|rot 13)");
  AddCodec<Codec::kMorse>(rules, "(morse|morse code)");
  AddCodec<Codec::kBinary>(rules, "(binary)");
  rules.push_back({Pattern("what is <w> in morse [code]"), true, &EncodeText<Codec::kMorse>});
  rules.push_back({Pattern("[what is] [the] base64 of <w>"), true, &EncodeText<Codec::kBase64>});
  rules.push_back({Pattern("rot13 (of|for) <w>"), true, &EncodeText<Codec::kRot13>});
  AddHash(rules, "(md5|md-5)", &HashText<kMd5>);
  AddHash(rules, "(sha1|sha-1)", &HashText<kSha1>);
  AddHash(rules, "(sha224|sha-224)", &HashText<kSha224>);
  AddHash(rules, "(sha256|sha-256)", &HashText<kSha256>);
  AddHash(rules, "(sha384|sha-384)", &HashText<kSha384>);
  AddHash(rules, "(sha512|sha-512)", &HashText<kSha512>);
  AddHash(rules, "(crc32|crc-32)", &HashText<kCrc32>);
  return rules;
}

}  // namespace

const std::vector<TextRule>& EncodingRules() {
  static const std::vector<TextRule> rules = MakeEncodingRules();
  return rules;
}

}  // namespace moerge::tools
