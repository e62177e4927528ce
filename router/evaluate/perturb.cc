#include "router/evaluate/perturb.h"

#include <utility>
#include <vector>

#include "config/base/random.h"
#include "config/base/utf8.h"

namespace moerge {
namespace {

char32_t Letter(Random* random) { return U'a' + static_cast<char32_t>(random->Below(26)); }

}  // namespace

std::string WithTypos(std::string_view text, double rate, std::uint64_t seed) {
  std::vector<char32_t> characters;
  for (std::size_t at = 0; at < text.size();) characters.push_back(utf8::Next(text, &at));
  Random random(seed);
  std::string out;
  for (std::size_t i = 0; i < characters.size(); ++i) {
    const bool hit = characters[i] != U'\n' && random.Uniform() < rate;
    const std::uint64_t kind = hit ? random.Below(4) : 4;
    const bool swap = kind == 3 && i + 1 < characters.size() && characters[i + 1] != U'\n';
    if (kind == 0 || kind == 2) utf8::Append(Letter(&random), &out);
    if (swap) {
      utf8::Append(characters[i + 1], &out);
      std::swap(characters[i], characters[i + 1]);
      utf8::Append(characters[++i], &out);
    } else if (kind != 1 && kind != 2) {
      utf8::Append(characters[i], &out);
    }
  }
  return out;
}

std::string UpperAscii(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

}  // namespace moerge
