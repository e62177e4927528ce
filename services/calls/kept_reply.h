// Replies of experts as texts that can be kept, and back. JSON in one line. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/chat.h"
#include "adapters/protocol.h"

namespace moerge {

std::string KeptReply(const ChatReply& reply);
std::string KeptReply(const RawReply& reply);

// Nothing: the text is no such reply.
template <class Reply>
std::optional<Reply> ReadKeptReply(std::string_view text);
template <>
std::optional<ChatReply> ReadKeptReply(std::string_view text);
template <>
std::optional<RawReply> ReadKeptReply(std::string_view text);

}  // namespace moerge
