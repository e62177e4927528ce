// Which version of a policy a request gets while another one is on trial. The same conversation
// gets the same one, on every process and after a restart, and keeps it when the share grows. Pure;
// any thread.
#pragma once

#include "registry/snapshot.h"
#include "services/calls/chat_request.h"

namespace moerge {

// `policy`, or the one that is on trial for it. A conversation is known by its client and
// x-session-id, without that one by its client, system message and first turn. REQUIRES: `policy`
// is one of the snapshot's.
const Policy& ArmOf(const Snapshot& snapshot, const Policy& policy, const ChatRequest& request);

}  // namespace moerge
