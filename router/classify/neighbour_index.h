// The stored prompts most similar to a text: cosine over idf-weighted features, by an inverted
// index that knows for each feature which prompts have it. Of each prompt and of the text the
// heaviest features count; a search follows the text's from the heaviest on, which few prompts
// share, until its budget is spent. So memory and time stay bounded: 20,000 prompts take at most 22
// MB.
//
// Immutable once built; any thread may search. Zobel and Moffat 2006, "Inverted files for text
// search engines".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "router/learn/bytes.h"
#include "router/learn/documents.h"

namespace moerge {

struct Neighbour {
  std::uint32_t row;  // index into what the index was built from
  float similarity;   // cosine, about 0..1
};

class NeighbourIndex {
 public:
  static constexpr std::size_t kMaxRows = 1u << 24;
  static constexpr std::size_t kMaxCells = 256;    // of a prompt, of a text
  static constexpr std::size_t kBudget = 400'000;  // entries of lists read in a search

  NeighbourIndex() = default;
  // At most kMaxRows documents.
  static NeighbourIndex Build(const SparseRows& documents);

  std::size_t size() const { return scales_.size(); }
  // The `count` most similar ones, most similar first, ties by row; fewer if fewer share anything.
  void Search(std::span<const Feature> document, std::size_t count,
              std::vector<Neighbour>* out) const;

  void Write(ByteWriter* out) const;
  static std::optional<NeighbourIndex> Read(ByteReader* in);

 private:
  // The document's heaviest cells, heaviest first, weighted and scaled to length 1.
  void Weigh(std::span<const Feature> document, std::vector<Feature>* out) const;

  std::vector<float> idf_;               // by bucket; 0: tells nothing
  std::vector<std::uint32_t> begin_;     // by bucket: where its list begins; one more at the end
  std::vector<std::uint32_t> postings_;  // row << 8 | weight
  std::vector<float> scales_;            // by row: of its weights
};

}  // namespace moerge
