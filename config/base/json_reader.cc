#include "config/base/json_reader.h"

#include <rapidjson/reader.h>

#include <string>

#include "config/base/json_scan.h"
#include "config/base/utf8.h"

namespace moerge::json {
namespace {

// Positions are 32 bits wide, and so are those of decoded strings with their lengths.
constexpr std::size_t kMaxText = 0xF0000000;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The text as RapidJSON's stream for reading in place. Nothing is written to it: strings without
// escapes stay where they are, others are decoded elsewhere.
//
// A run of digits is shown as its first two. The grammar asks for no more, and the reader refuses
// numbers over the range of a double also where it is told to keep their text.
class TextStream {
 public:
  using Ch = char;

  TextStream(std::string_view text, std::vector<char>* decoded)
      : text_(text), end_(text.data() + text.size()), at_(text.data()), decoded_(*decoded) {}

  Ch Peek() const { return at_ == end_ ? '\0' : *at_; }
  Ch Take() {
    if (at_ == end_) return '\0';
    const char c = *at_++;
    if (IsDigit(c) && !in_string_) SkipDigits();
    return c;
  }
  std::size_t Tell() const { return static_cast<std::size_t>(at_ - text_.data()); }
  std::uint32_t position() const { return static_cast<std::uint32_t>(Tell()); }

  // Where a string begins, behind its quote. RapidJSON says it of a number too, at its end.
  Ch* PutBegin() {
    in_string_ = true;
    escaped_ = false;
    run_ = string_ = at_;
    return nullptr;
  }
  std::size_t PutEnd(Ch*) {
    in_string_ = false;
    return 1;
  }
  void Flush() {}

  // What an escape of two characters stands for, or the NUL that RapidJSON puts behind a string.
  void Put(Ch c) {
    if (c != '\0') return PutDecoded(2, std::string_view(&c, 1));
    if (escaped_) decoded_.insert(decoded_.end(), run_, at_ - 1);
  }
  void PutCodePoint(unsigned code_point) {
    if (code_point >= 0xD800 && code_point <= 0xDFFF && lone_ == nullptr) lone_ = at_ - 6;
    std::string bytes;
    utf8::Append(code_point, &bytes);
    PutDecoded(code_point > 0xFFFF ? 12 : 6, bytes);
  }
  // To the next character of a string that needs a look. REQUIRES: this one does not.
  void SkipPlain() { at_ = text_.data() + FindSpecial(text_, Tell()); }

  void EndNumber() { in_string_ = false; }
  // After the closing quote.
  StringToken Token() const {
    const std::string_view plain(string_, static_cast<std::size_t>(at_ - 1 - string_));
    const std::string_view decoded(decoded_.data() + decoded_from_,
                                   decoded_.size() - decoded_from_);
    const std::uint32_t end = position();
    const auto size = static_cast<std::uint32_t>(plain.size());
    return StringToken{end - size - 2, end, escaped_, escaped_ ? decoded : plain};
  }
  // The first \u of a low surrogate without its high one: RapidJSON lets it pass.
  bool FoundLone() const { return lone_ != nullptr; }
  std::size_t lone() const { return static_cast<std::size_t>(lone_ - text_.data()); }

 private:
  void SkipDigits() {
    if (at_ - text_.data() < 2 || !IsDigit(at_[-2])) return;
    while (at_ != end_ && IsDigit(*at_)) ++at_;
  }
  // The escape of `length` characters that ends here, and what is plain before it.
  void PutDecoded(std::ptrdiff_t length, std::string_view bytes) {
    if (!escaped_) decoded_from_ = decoded_.size();
    escaped_ = true;
    decoded_.insert(decoded_.end(), run_, at_ - length);
    decoded_.insert(decoded_.end(), bytes.begin(), bytes.end());
    run_ = at_;
  }

  const std::string_view text_;
  const char* const end_;
  const char* at_;
  const char* string_ = nullptr;
  const char* run_ = nullptr;  // plain characters that have not been copied to decoded_ begin here
  const char* lone_ = nullptr;
  bool in_string_ = false;
  bool escaped_ = false;
  std::vector<char>& decoded_;
  std::size_t decoded_from_ = 0;
};

// UTF-8 in a text that has been found valid as a whole: plain characters are stepped over many at
// a time. RapidJSON's own validation takes them one by one, for several times the cost
// (bench_json_parse).
struct ValidText : rapidjson::UTF8<char> {
  using UTF8::Encode;
  using UTF8::Validate;
  static void Encode(TextStream& out, unsigned code_point) { out.PutCodePoint(code_point); }
  static bool Validate(TextStream& in, TextStream&) {
    in.SkipPlain();
    return true;
  }
};

// RapidJSON's events, of which it asks for more than can come: numbers come as text.
class ReaderEvents {
 public:
  ReaderEvents(TextStream& text, TokenHandler& handler, int max_depth)
      : text_(text), handler_(handler), max_depth_(max_depth) {}

  bool too_deep() const { return depth_ > max_depth_; }

  bool Null() { return Word(Type::kNull, 4); }
  bool Bool(bool value) { return value ? Word(Type::kTrue, 4) : Word(Type::kFalse, 5); }
  bool RawNumber(const char*, rapidjson::SizeType length, bool) {
    text_.EndNumber();
    return Word(Type::kNumber, length);
  }
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }
  bool String(const char*, rapidjson::SizeType, bool) {
    return !text_.FoundLone() && handler_.OnString(text_.Token());
  }
  bool Key(const char*, rapidjson::SizeType, bool) {
    return !text_.FoundLone() && handler_.OnKey(text_.Token());
  }
  // Both come before the bracket has been taken.
  bool StartObject() { return Start(Type::kObject); }
  bool StartArray() { return Start(Type::kArray); }
  bool EndObject(rapidjson::SizeType) { return End(); }
  bool EndArray(rapidjson::SizeType) { return End(); }

 private:
  bool Word(Type type, std::uint32_t length) {
    return handler_.OnWord(type, text_.position() - length, text_.position());
  }
  bool Start(Type type) {
    return ++depth_ <= max_depth_ && handler_.OnOpen(type, text_.position());
  }
  bool End() {
    --depth_;
    return handler_.OnClose(text_.position() + 1);
  }

  TextStream& text_;
  TokenHandler& handler_;
  const int max_depth_;
  int depth_ = 0;
};

using TextReader = rapidjson::GenericReader<ValidText, ValidText>;

bool IsHex4(std::string_view digits) {
  return digits.size() >= 4 &&
         digits.substr(0, 4).find_first_not_of("0123456789abcdefABCDEF") == digits.npos;
}

// What is wrong with the string at `at`, and whether it is a surrogate.
Fault StringFault(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at);
  if (rest.empty() || rest == "\\") return {at, "the text ends inside a string"};
  if (rest[0] != '\\') return {at, "a control character inside a string must be escaped"};
  if (rest[1] != 'u') return {at, "an unknown escape in a string"};
  if (!IsHex4(rest.substr(2))) return {at, "\\u needs four hexadecimal digits"};
  const bool low = (rest[2] | 0x20) == 'd' && (rest[3] | 0x20) >= 'c';
  return {at, low ? "a lone low surrogate" : "a lone high surrogate", true};
}

Fault Expected(std::string_view text, std::size_t at, std::string_view what) {
  return {at, (at >= text.size() ? "the text ends, expected " : "expected ") + std::string(what)};
}

// RapidJSON stops within a misspelt word; the fault is told where the word begins.
Fault ValueFault(std::string_view text, std::size_t at) {
  if (at > 0 && text[at - 1] == '-') return Expected(text, at, "a digit");
  while (at > 0 && text[at - 1] >= 'a' && text[at - 1] <= 'z') --at;
  return Expected(text, at, "a value");
}

Fault Explain(rapidjson::ParseErrorCode code, std::string_view text, std::size_t at) {
  switch (code) {
    case rapidjson::kParseErrorDocumentEmpty:
      if (at == text.size()) return {at, "the text is empty, expected a value"};
      return {at, "expected a value"};
    case rapidjson::kParseErrorDocumentRootNotSingular:
      return {at, "unexpected text after the end of the value"};
    case rapidjson::kParseErrorObjectMissName: return Expected(text, at, "a key in double quotes");
    case rapidjson::kParseErrorObjectMissColon: return Expected(text, at, "':' after the key");
    case rapidjson::kParseErrorObjectMissCommaOrCurlyBracket:
      return Expected(text, at, "',' or '}'");
    case rapidjson::kParseErrorArrayMissCommaOrSquareBracket:
      return Expected(text, at, "',' or ']'");
    case rapidjson::kParseErrorNumberMissFraction:
    case rapidjson::kParseErrorNumberMissExponent: return Expected(text, at, "a digit");
    case rapidjson::kParseErrorStringMissQuotationMark:
    case rapidjson::kParseErrorStringEscapeInvalid:
    case rapidjson::kParseErrorStringUnicodeEscapeInvalidHex:
    case rapidjson::kParseErrorStringUnicodeSurrogateInvalid: return StringFault(text, at);
    default: return ValueFault(text, at);
  }
}

bool Unreadable(std::string_view text, Fault* fault) {
  if (text.size() > kMaxText) {
    *fault = {0, "the text is longer than 3.75 GiB"};
  } else if (text.starts_with("\xEF\xBB\xBF")) {
    *fault = {0, "the text begins with a byte order mark"};
  } else if (const std::size_t valid = utf8::ValidPrefix(text); valid != text.size()) {
    *fault = {valid, "invalid UTF-8"};
  } else {
    return false;
  }
  return true;
}

}  // namespace

bool Read(std::string_view text, int max_depth, TokenHandler& handler, std::vector<char>* decoded,
          Fault* fault) {
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseInsituFlag |
                              rapidjson::kParseValidateEncodingFlag |
                              rapidjson::kParseNumbersAsStringsFlag;
  thread_local TextReader reader;  // its stack, eight bytes a level, is kept for the next text
  if (Unreadable(text, fault)) return false;
  TextStream stream(text, decoded);
  ReaderEvents events(stream, handler, max_depth);
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, events);
  if (stream.FoundLone()) {
    *fault = StringFault(text, stream.lone());
  } else if (events.too_deep()) {
    *fault = {stream.Tell(), "nested deeper than " + std::to_string(max_depth) + " levels"};
  } else if (result.Code() == rapidjson::kParseErrorTermination) {
    *fault = {stream.Tell(), ""};
  } else if (result.IsError()) {
    *fault = Explain(result.Code(), text, result.Offset());
  } else if (stream.Tell() != text.size()) {  // a NUL ends the text for RapidJSON
    *fault = {stream.Tell(), "unexpected text after the end of the value"};
  } else {
    return true;
  }
  return false;
}

}  // namespace moerge::json
