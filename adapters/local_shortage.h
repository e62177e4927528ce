// What keeps this machine from making a connection, whatever the expert is like: no descriptor and
// no memory left. It must not count against a backend.
#pragma once

#include "config/base/result.h"

namespace moerge {

// `error`: an errno.
bool IsLocalShortage(int error);
// kOverloaded, with retry_after.
Error LocalShortage(int error);

}  // namespace moerge
