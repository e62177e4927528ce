// File descriptors: a connection needs one, and where a limit is low, clients that are merely
// connected must not take those that calls of experts need.
#pragma once

#include <cstddef>

namespace moerge::http {

// Raises this process's soft limit to `wanted`, as far as the hard limit lets, and gives what it is
// then. Never lowers it.
std::size_t RaiseDescriptorLimit(std::size_t wanted);

// Connections over the limit that are told so at a time: each waits for its client's request, since
// an answer that comes before it, on a connection that is closed then, is an error to many clients.
inline constexpr int kTurnedAwayAtOnce = 64;

// How many descriptors it takes to serve so many connections, each with a call of an expert.
std::size_t DescriptorsFor(int connections);
// The other way round: how many of `wanted` connections may be open at a time with `descriptors`;
// at least 1.
int ConnectionsWithin(std::size_t descriptors, int wanted);

}  // namespace moerge::http
