// What the operating system refused, as an error. Thread-safe; reads errno.
#pragma once

#include <cerrno>
#include <cstring>
#include <string>

#include "config/base/result.h"

namespace moerge {

// "cannot read /some/path: No such file or directory"
inline Error SystemError(ErrorCode code, const std::string& what, const std::string& path) {
  return Error{code, what + " " + path + ": " + std::strerror(errno)};
}

}  // namespace moerge
