// What a bench cannot do without: the value, or its end.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "config/base/result.h"

namespace moerge {

[[noreturn]] inline void Fail(const Error& error) {
  std::fprintf(stderr, "%s %s\n", error.message.c_str(), error.detail.c_str());
  std::exit(1);
}

template <class T>
T OrFail(Result<T> result) {
  if (!result.ok()) Fail(result.error());
  return *std::move(result);
}

}  // namespace moerge
