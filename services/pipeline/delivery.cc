#include "services/pipeline/delivery.h"

#include <utility>

#include "services/pipeline/dispatcher.h"
#include "services/pipeline/text_answer.h"

namespace moerge {

Delivery::Delivery(ClientStream* stream, bool with_usage, ChatRecord& record)
    : stream_(stream), with_usage_(with_usage), record_(record) {}

Task<Result<ChatReply>> Delivery::Deliver(const ExpertEntry& expert, Ledger::Entry entry,
                                          ChatReply reply) {
  record_.NoteAnswer(expert, entry);
  if (Status sent = co_await Send(reply); !sent) co_return std::move(sent).error();
  co_return reply;
}

Task<Result<ChatReply>> Delivery::Deliver(Member& member) {
  record_.NoteAnswer(*member.expert, *member.entry);
  if (Status sent = co_await Send(*member.reply); !sent) co_return std::move(sent).error();
  co_return *std::exchange(member.reply, std::nullopt);
}

ChatReply Delivery::DeliverStreamed(Member& member) {
  record_.NoteAnswer(*member.expert, *member.entry);
  return *std::exchange(member.reply, std::nullopt);
}

Task<Result<ChatReply>> Delivery::DeliverText(const ExpertEntry& expert, std::string_view text) {
  record_.expert = &expert;
  record_.answered = true;
  record_.usage = {.estimated = false};
  const TextAnswer answer{.id = record_.decision.id,
                          .model = expert.spec.name,
                          .created = UnixSeconds(record_.decision.time),
                          .text = text,
                          .usage = record_.usage};
  ChatReply reply = MakeTextReply(answer);
  if (Status sent = co_await Send(reply); !sent) co_return std::move(sent).error();
  co_return reply;
}

Task<Status> Delivery::Send(const ChatReply& reply) {
  if (stream_ == nullptr) co_return Ok{};
  const StreamHead head{.id = record_.decision.id,
                        .model = record_.expert->spec.name,
                        .created = UnixSeconds(record_.decision.time),
                        .with_usage = with_usage_};
  co_return co_await StreamReply(reply, head, *stream_);
}

}  // namespace moerge
