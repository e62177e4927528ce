#include "services/http/descriptors.h"

#include <sys/resource.h>

#include <algorithm>

namespace moerge::http {
namespace {

// The store, the log, event loops, checks of answers; and connections that are turned away.
constexpr std::size_t kOwn = 64 + kTurnedAwayAtOnce;

}  // namespace

std::size_t RaiseDescriptorLimit(std::size_t wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  const rlim_t raised = std::min<rlim_t>(limit.rlim_max, wanted);
  if (raised > limit.rlim_cur) {
    const rlimit more{raised, limit.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &more) == 0) limit.rlim_cur = raised;
  }
  return limit.rlim_cur;
}

std::size_t DescriptorsFor(int connections) {
  return kOwn + 2 * static_cast<std::size_t>(connections);
}

int ConnectionsWithin(std::size_t descriptors, int wanted) {
  const std::size_t room = descriptors > kOwn ? (descriptors - kOwn) / 2 : 0;
  return static_cast<int>(std::clamp<std::size_t>(room, 1, static_cast<std::size_t>(wanted)));
}

}  // namespace moerge::http
