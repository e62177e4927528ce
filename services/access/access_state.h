// What the server remembers of its clients: sessions, failed logins, what keys have taken, replies
// to named creations, the link that gives the first key. In memory, of this process. Each is for
// any thread.
#pragma once

#include "services/access/first_link.h"
#include "services/access/key_account.h"
#include "services/access/login_limit.h"
#include "services/access/reply_memory.h"
#include "services/access/sessions.h"

namespace moerge {

struct AccessState {
  Sessions sessions;
  LoginLimit logins;
  KeyAccounts accounts;
  ReplyMemory replies;
  FirstLink first;
};

}  // namespace moerge
