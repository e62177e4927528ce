// The link that opens a server which others can reach and which has no key yet: good for one use,
// known to whoever started the process, in memory. Any thread.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "config/entities.h"

namespace moerge {

// The key that the link gives. Until it is used, the key's text is known to nobody.
inline constexpr std::string_view kFirstKey = "first-admin";
inline constexpr std::string_view kFirstKeyUnused =
    "keeps the server closed until the link of its start is used";

// Whether nobody has a key: there is none, or the first one alone, whose link was not used.
bool WantsFirstKey(const std::vector<ApiKey>& keys);
// One that opens nothing.
ApiKey UnusedFirstKey();

class FirstLink {
 public:
  // Makes the link good; gives its token.
  std::string Offer();
  bool Is(std::string_view token) const;
  // Whether it was the link, which is used up from then on.
  bool Take(std::string_view token);
  // It was taken, and could not be used.
  void GiveBack(std::string_view token);

 private:
  mutable std::mutex mutex_;
  std::string sha256_;  // of the token; empty: there is none
};

}  // namespace moerge
