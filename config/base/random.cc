#include "config/base/random.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "config/base/text.h"

namespace moerge {
namespace {

// Linux cannot refuse this after boot; a process without randomness must not hand out keys.
void FillFromSystem(void* out, std::size_t size) {
  if (getentropy(out, size) == 0) return;
  std::perror("moerge: the system gives no random numbers");
  std::abort();
}

std::uint64_t SystemSeed() {
  std::uint64_t seed = 0;
  FillFromSystem(&seed, sizeof seed);
  return seed;
}

}  // namespace

std::string RandomId() {
  // Two generators, so that threads share a sequence only if both of their seeds do.
  thread_local Random high(SystemSeed());
  thread_local Random low(SystemSeed());
  const std::uint64_t words[2] = {high.Next(), low.Next()};
  return Hex(std::string_view(reinterpret_cast<const char*>(words), sizeof words));
}

std::string RandomToken() {
  char bytes[32];
  FillFromSystem(bytes, sizeof bytes);
  return Hex(std::string_view(bytes, sizeof bytes));
}

}  // namespace moerge
