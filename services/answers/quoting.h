// Answers of experts as material for another model: what a reader would see of them, cut to what it
// may read, between lines that no answer can forge. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace moerge {

struct Quote {
  std::string label;  // "A", "B", ...: who wrote it is not the reader's business
  std::string text;
};

// "A", "B", ... "Z", "AA", ...
std::string QuoteLabel(std::size_t index);

// Texts of together more than `bytes` are cut, the longest ones first, so that all have an equal
// right to room; a cut one keeps its begin and its end around a line that says how much is missing.
void CutFairly(std::size_t bytes, std::vector<Quote>* quotes);

// The texts under their labels, cut so.
std::vector<Quote> Labelled(const std::vector<std::string>& texts, std::size_t bytes);

// Each between lines of its own that carry `nonce`, which whoever wrote them cannot know, after a
// sentence that says that they are data.
std::string Quoted(const std::vector<Quote>& quotes, std::string_view nonce);

}  // namespace moerge
