// How a round ends: the winner's answer goes to the client, if it is sure enough. Where the
// probability that it is right is below the policy's `confidence.floor`, the winner is first asked
// the same in other words, if the policy wants that: an expert that knows says the same again
// (self-detection by paraphrase, Zhao et al. 2024). If that does not help, one more expert answers
// in its place, or the reply says in the policy's words that there is no answer.
//
// Owner: an aggregator's coroutine. Threads: its event loop.
#pragma once

#include "services/pipeline/ensemble.h"

namespace moerge {

// The member's answer, checked as the client wants it: one that failed is repaired once by its
// expert, and if that fails too the best one that passed stands; without any it is given
// nevertheless, and the notes say that nothing passed. REQUIRES: `member` has a reply.
Task<Result<ChatReply>> DeliverChecked(Ensemble& ensemble, Member& member);

// What DeliverChecked gives, or what takes its place. REQUIRES: `winner` has a reply.
Task<Result<ChatReply>> Conclude(Ensemble& ensemble, Member& winner);

// Before one answer is written of several: whether the leading one is sure enough to be built on.
// If not: what the client gets instead.
Task<std::optional<Result<ChatReply>>> ReplacementIfUnsure(Ensemble& ensemble, Member& leader);

}  // namespace moerge
