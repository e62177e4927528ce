#include "router/features/shape_features.h"

#include <algorithm>
#include <bitset>
#include <cmath>
#include <cstring>

#include "router/features/word_groups.h"

namespace moerge {
namespace {

bool IsDigit(unsigned char c) { return c >= '0' && c <= '9'; }
bool IsSpace(unsigned char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// A letter in lower case, bytes beyond ASCII as they are; 0 for every other byte.
constexpr std::array<unsigned char, 256> kLetters = [] {
  std::array<unsigned char, 256> table{};
  for (int c = 'a'; c <= 'z'; ++c) {
    table[static_cast<std::size_t>(c)] = static_cast<unsigned char>(c);
    table[static_cast<std::size_t>(c - 32)] = static_cast<unsigned char>(c);
  }
  for (std::size_t c = 0x80; c < 256; ++c) table[c] = static_cast<unsigned char>(c);
  return table;
}();

unsigned char LetterAt(std::string_view text, std::size_t at) {
  return kLetters[static_cast<unsigned char>(text[at])];
}

float Log(double count) { return static_cast<float>(std::log1p(count)); }
float Share(double part, double whole) { return static_cast<float>(part / std::max(whole, 1.0)); }

constexpr std::array<bool, 256> kOperators = [] {
  std::array<bool, 256> table{};
  for (const char c : {'+', '-', '*', '/', '=', '^', '<', '>', '_', '{', '}', '\\'}) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}();

// ShapeCounts over some text: bytes by value, words by group and length, numbers by size.
struct ShapeCounts {
  int bytes = 0, digits = 0, operators = 0;
  int words = 0, letters = 0, long_words = 0, short_words = 0, single_letters = 0;
  int numbers = 0, decimals = 0, largest = 0, magnitudes = 0, numbers_with_unit = 0;
  int sentences = 0, double_marks = 0, none_or_all_of = 0;
  bool beyond_ascii = false;
  std::array<int, 128> marks{};
  std::array<int, static_cast<std::size_t>(WordGroup::kCount)> groups{};
  std::bitset<2048> seen;             // words by hash: good for some hundred different ones
  unsigned char first = 0, last = 0;  // that are no space, letters in lower case

  int Mark(char c) const { return marks[static_cast<unsigned char>(c)]; }
  int Group(WordGroup group) const { return groups[static_cast<std::size_t>(group)]; }
  void Read(std::string_view text);

 private:
  std::size_t ReadWord(std::string_view text, std::size_t at);
  std::size_t ReadNumber(std::string_view text, std::size_t at);
  void ReadMark(std::string_view text, std::size_t at);
  bool after_none_or_all_ = false;
};

std::size_t ShapeCounts::ReadWord(std::string_view text, std::size_t at) {
  const std::size_t begin = at;
  std::uint32_t hash = kWordStart;
  unsigned char any = 0;
  for (; at < text.size(); ++at) {
    const unsigned char letter = LetterAt(text, at);
    if (letter == 0) break;
    hash = NextOfWord(hash, letter);
    any |= letter;
    last = letter;
  }
  const auto length = static_cast<int>(at - begin);
  beyond_ascii |= any >= 0x80;
  words += 1;
  letters += length;
  long_words += length >= 9;
  short_words += length <= 3;
  single_letters += length == 1;
  seen.set((hash ^ (hash >> 16)) % seen.size());
  const WordGroups found = GroupsOf(hash);
  if (found.first != WordGroup::kNone) ++groups[static_cast<std::size_t>(found.first)];
  if (found.second != WordGroup::kNone) ++groups[static_cast<std::size_t>(found.second)];
  none_or_all_of += after_none_or_all_ && found.first == WordGroup::kOf;
  after_none_or_all_ = found.first == WordGroup::kNoneOrAll;
  return at;
}

// Digits with commas between them and one point.
std::size_t ShapeCounts::ReadNumber(std::string_view text, std::size_t at) {
  int size = 0;
  bool point = false;
  for (; at < text.size(); ++at) {
    const auto c = static_cast<unsigned char>(text[at]);
    const bool more = at + 1 < text.size() && IsDigit(static_cast<unsigned char>(text[at + 1]));
    if (IsDigit(c)) {
      digits += 1;
      size += !point;
    } else if (c == '.' && more && !point) {
      point = true;
    } else if (c != ',' || !more || point) {
      break;
    }
  }
  numbers += 1;
  decimals += point;
  largest = std::max(largest, std::min(size, 12));
  magnitudes += std::min(size, 12);
  std::size_t next = at;
  while (next < text.size() && text[next] == ' ') ++next;
  const bool unit =
      next < text.size() && (LetterAt(text, next) != 0 || text[next] == '/' || text[next] == '%');
  numbers_with_unit += next > at && unit;
  return at;
}

void ShapeCounts::ReadMark(std::string_view text, std::size_t at) {
  const auto c = static_cast<unsigned char>(text[at]);
  const unsigned char next = at + 1 < text.size() ? static_cast<unsigned char>(text[at + 1]) : ' ';
  ++marks[c];
  operators += kOperators[c];
  sentences += (c == '.' || c == '?' || c == '!') && IsSpace(next);
  double_marks += c == '_' && next == '_';
}

void ShapeCounts::Read(std::string_view text) {
  bytes += static_cast<int>(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c == ' ') {
      ++marks[c];
      ++at;
      continue;
    }
    const unsigned char letter = kLetters[c];
    if (first == 0 && !IsSpace(c)) first = letter != 0 ? letter : c;
    if (letter != 0) {
      at = ReadWord(text, at);
    } else if (IsDigit(c)) {
      at = ReadNumber(text, at);
      last = '0';
    } else {
      ReadMark(text, at++);
      if (!IsSpace(c)) last = c;
    }
  }
}

// Whether a line begins an option: "A. ", "b) ".
bool IsOption(std::string_view line) {
  if (line.size() < 3 || line[2] != ' ' || (line[1] != '.' && line[1] != ')')) return false;
  const unsigned char letter = LetterAt(line, 0);
  return letter >= 'a' && letter <= 'p';
}

struct Options {
  double count = 0, bytes = 0, squares = 0, longest = 0, shortest = 0;
  double numeric = 0, digits = 0, decimals = 0, single = 0, formulas = 0, full_stops = 0;
  double units = 0, dollars = 0, none_or_all = 0, ands = 0, romans = 0;

  void Add(std::string_view body);
};

void Options::Add(std::string_view body) {
  ShapeCounts counts;
  counts.Read(body);
  const auto size = static_cast<double>(body.size());
  shortest = count == 0 ? size : std::min(shortest, size);
  longest = std::max(longest, size);
  count += 1;
  bytes += size;
  squares += size * size;
  const bool signed_number = std::strchr("$\\-+~(.", counts.first) != nullptr && counts.numbers > 0;
  numeric += counts.first != 0 && (IsDigit(counts.first) || signed_number);
  digits += static_cast<double>(Share(counts.digits, size));
  decimals += counts.decimals > 0;
  single += counts.Mark(' ') == 0;
  formulas += counts.Mark('\\') + counts.Mark('^') > 0;
  full_stops += counts.last == '.';
  units += counts.numbers_with_unit > 0;
  dollars += counts.Mark('$') > 0;
  none_or_all += counts.none_or_all_of;
  ands += counts.Group(WordGroup::kAnd);
  romans += counts.Group(WordGroup::kRoman);
}

// A text cut into the question and its options, which begin at the first lettered line; so that a
// mistyped letter changes little, every line from there on is one, and the line before a "B." too.
struct Cut {
  ShapeCounts question;
  Options options;

  void Read(std::string_view text) {
    std::string_view before;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      const std::string_view line = text.substr(at, end - at);
      at = end + 1;
      const bool lettered = IsOption(line);
      if (options.count == 0 && !lettered) {
        ReadQuestion(before);
        before = line;
        continue;
      }
      if (options.count == 0) {
        LetterAt(line, 0) == 'b' && before.size() > 3 ? options.Add(before.substr(3))
                                                      : ReadQuestion(before);
        before = {};
      }
      if (line.size() > 3) options.Add(line.substr(3));
    }
    ReadQuestion(before);
  }

 private:
  void ReadQuestion(std::string_view line) {
    if (line.data() == nullptr) return;
    question.Read(line);
    ++question.marks['\n'];
    question.bytes += 1;
  }
};

float Flag(bool value) { return value ? 1.0f : 0.0f; }

std::array<float, kQuestionShape> QuestionShape(const ShapeCounts& q, const Options& options) {
  using enum WordGroup;
  const double bytes = q.bytes;
  const auto counted = [&](WordGroup group) { return Log(q.Group(group)); };
  const auto has = [&](WordGroup group) { return Flag(q.Group(group) > 0); };
  return {
      Log(bytes),
      Log(q.words),
      Log(q.numbers),
      Log(q.sentences),
      Log(static_cast<double>(q.words) / std::max(q.sentences, 1)),
      Share(q.letters, q.words * 6),
      static_cast<float>(q.largest),
      Share(q.magnitudes, q.numbers),
      Share(q.decimals, q.numbers),
      Share(q.digits, bytes),
      Share(q.operators, bytes),
      Log(q.Mark(',')),
      Log(q.Mark('\n')),
      Log(q.Mark('?')),
      Log(q.Mark('"')),
      Log(q.Mark('(')),
      counted(kNumber),
      counted(kIf),
      counted(kEach),
      counted(kCompare),
      counted(kTimes),
      counted(kTotal),
      has(kWhat),
      has(kWhich),
      has(kHow),
      has(kWhy),
      has(kFind),
      has(kNegation),
      has(kFollowing),
      has(kStatement),
      has(kBest),
      Share(static_cast<double>(q.seen.count()), q.words),
      Flag(q.Mark('$') > 0),
      Flag(q.Mark('\\') > 0),
      Flag(q.Mark('=') > 0),
      Flag(q.Mark('%') > 0),
      Flag(q.Mark('/') > 0),
      Flag(q.last == '?'),
      Flag(q.last == '.'),
      Flag(q.last == ':'),
      Flag(q.double_marks > 0),
      Flag(q.beyond_ascii),
      Share(q.long_words, q.words),
      Share(q.short_words, q.words),
      Share(q.single_letters, q.words),
      Flag(q.Group(kRoman) > 0 || options.romans > 0),
  };
}

std::array<float, kOptionShape> OptionShape(const Options& o) {
  const double mean = o.bytes / std::max(o.count, 1.0);
  const double variance = std::max(o.squares / std::max(o.count, 1.0) - mean * mean, 0.0);
  return {
      static_cast<float>(std::min(o.count, 16.0)),
      Flag(o.count == 10),
      Flag(o.count > 0 && o.count <= 5),
      Log(mean),
      Log(o.longest),
      Log(o.shortest),
      static_cast<float>(std::sqrt(variance) / (mean + 1)),
      Share(o.numeric, o.count),
      Share(o.digits, o.count),
      Share(o.decimals, o.count),
      Share(o.single, o.count),
      Share(o.formulas, o.count),
      Share(o.full_stops, o.count),
      Share(o.units, o.count),
      Share(o.dollars, o.count),
      Flag(o.none_or_all > 0),
      Flag(o.ands > 0),
      Flag(o.romans > 0),
  };
}

}  // namespace

ShapeFeatures ExtractShape(const Window& window) {
  ShapeFeatures shape{};
  Cut cut;
  for (const Window::Piece& piece : window.pieces()) {
    if (piece.weight == Window::kFullWeight) cut.Read(piece.text);
  }
  if (cut.question.bytes == 0 && cut.options.count == 0) return shape;
  const auto question = QuestionShape(cut.question, cut.options);
  const auto options = OptionShape(cut.options);
  std::copy(question.begin(), question.end(), shape.begin());
  std::copy(options.begin(), options.end(), shape.begin() + kQuestionShape);
  return shape;
}

}  // namespace moerge
