// One expert that has read the others' answers writes the one that the client gets; where none can,
// the best of the answers stands.
//
// Owner: an aggregator's coroutine. Threads: its event loop.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/answers/quoting.h"
#include "services/pipeline/ensemble.h"

namespace moerge {

// The members' texts, "A" the first; together no longer than the policy's `answers.bytes` and what
// the reader's context has room for, if that is known.
std::vector<Quote> QuotedTexts(const Round& round, const std::vector<Member*>& members,
                               const ExpertEntry* reader);

// The client's request with these instructions and answers behind its last turn.
// `in_own_form`: what is asked for is not the client's answer yet.
ChatRequest AuthorRequest(const Ensemble& ensemble, std::string_view instructions,
                          const std::vector<Quote>& quotes, bool in_own_form = false);

// What `line` writes on `request`, streamed as it comes; whole and checked where the client wants
// answers checked (DeliverChecked). Errors: as Ensemble::Write.
Task<Result<ChatReply>> WriteAnswer(Ensemble& ensemble, const ChatRequest& request,
                                    const std::vector<const ExpertEntry*>& line);

// The same with these instructions and answers behind the client's last turn. If no expert can
// write: the leader's answer, which the notes say. Errors: as Ensemble::Write where there is no
// answer to fall back to.
Task<Result<ChatReply>> WriteOrGiveBest(Ensemble& ensemble, std::string instructions,
                                        std::vector<Quote> quotes,
                                        const std::vector<const ExpertEntry*>& line);

}  // namespace moerge
