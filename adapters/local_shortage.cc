#include "adapters/local_shortage.h"

#include <cerrno>
#include <cstring>

namespace moerge {

bool IsLocalShortage(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

Error LocalShortage(int error) {
  Error shortage{
      ErrorCode::kOverloaded,
      std::string("moerge cannot open another connection to an expert: ") + std::strerror(error)};
  if (error == EMFILE) shortage.message += "; its limit of open files is too low (ulimit -n)";
  shortage.retry_after = std::chrono::seconds(1);
  return shortage;
}

}  // namespace moerge
