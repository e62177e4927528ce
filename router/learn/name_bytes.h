// Lists of names in the bytes of trained models. Pure.
#pragma once

#include <string>
#include <vector>

#include "router/learn/bytes.h"

namespace moerge {

inline void PutNames(const std::vector<std::string>& names, ByteWriter* out) {
  out->Put<std::uint64_t>(names.size());
  for (const std::string& name : names) out->PutText(name);
}

inline std::vector<std::string> GetNames(ByteReader* in) {
  std::vector<std::string> names;
  const auto count = in->Get<std::uint64_t>();
  for (std::uint64_t i = 0; i < count && in->ok(); ++i) names.push_back(in->GetText());
  return names;
}

}  // namespace moerge
