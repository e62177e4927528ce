// Changes an expert's JSON where moerge has something to say, in the raw bytes: the model's name
// and the `moerge` member. Thread-safe, pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace moerge::api {

struct Splice {
  std::string_view json;        // one object
  std::size_t model_begin = 0;  // where the value of its "model" stands; 0, 0: it has none
  std::size_t model_end = 0;
  std::string_view model;  // the name to put there
  std::string_view
      moerge;  // JSON to add as member "moerge", replacing one that is there; empty: none
};

// Appends the changed object.
void AppendSpliced(const Splice& splice, std::string* out);

}  // namespace moerge::api
