// Takes a backend's key out of texts that come from it: an expert may send back what it was sent,
// and what it says stands in replies, logs and decisions.
//
// Found are the key as it is, with any of its characters escaped as JSON or addresses do it ("\/",
// "\u002b", "%2B"), and in base64 of either alphabet wherever it stands in what was encoded
// ("Bearer KEY", "user:KEY"). Immutable; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"
#include "config/base/secret.h"

namespace moerge {

class KeyMask {
 public:
  // An empty key masks nothing.
  explicit KeyMask(const Secret& key);

  // Puts "***" in place of each.
  std::string Masked(std::string text) const;
  // In all that the error says.
  void Mask(Error* error) const;

 private:
  std::vector<std::string> forms_;  // the key, and what of it shows in base64
};

}  // namespace moerge
