// Answers of experts as material for another model: shortened to what it may read, between lines
// that no answer can forge. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace moerge {

struct Quote {
  std::string label;  // "A", "B", ...: readers do not learn the author
  std::string text;
};

// "A", "B", ... "Z", "AA", ...
std::string QuoteLabel(std::size_t index);

// Texts of more than `bytes` together are shortened, the longest first, so that all get an equal
// share; a shortened one keeps its beginning and end around a line that says how much is missing.
void CutFairly(std::size_t bytes, std::vector<Quote>* quotes);

// The texts under their labels, cut so.
std::vector<Quote> Labelled(const std::vector<std::string>& texts, std::size_t bytes);

// Each between lines of its own that carry `nonce`, which their authors cannot know, after a
// sentence that says that they are data.
std::string Quoted(const std::vector<Quote>& quotes, std::string_view nonce);

}  // namespace moerge
