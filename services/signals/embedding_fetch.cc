#include "services/signals/embedding_fetch.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "services/signals/embedding_codec.h"

namespace moerge {
namespace {

constexpr std::chrono::seconds kPatience{60};  // for one batch

// What another try, or smaller batches, cannot mend.
bool Refused(ErrorCode code) { return code == ErrorCode::kInvalid || code == ErrorCode::kUpstream; }

}  // namespace

EmbeddingFetch::EmbeddingFetch(SignalCaller& caller, ExpertPtr encoder, std::vector<Text*> texts,
                               std::function<void(const std::vector<Text*>&)> arrived)
    : caller_(caller),
      encoder_(std::move(encoder)),
      texts_(std::move(texts)),
      arrived_(std::move(arrived)) {
  for (const Text* text : texts_) {
    if (!text->vector.empty()) dimensions_ = text->vector.size();
  }
  std::erase_if(texts_, [](const Text* text) { return !text->vector.empty() || text->refused; });
}

Task<void> EmbeddingFetch::Run(Cancellation& cancellation) {
  const Executor loop = co_await ThisLoop();
  TaskGroup workers(loop);
  for (int i = 0; i < kAtOnce; ++i) workers.Start("embedding fetch", Work(cancellation));
  co_await workers.Join();
}

Task<void> EmbeddingFetch::Work(Cancellation& cancellation) {
  while (next_ < texts_.size() && !broken_ && !cancellation.cancelled()) {
    const std::size_t end = std::min(texts_.size(), next_ + kBatch);
    std::vector<Text*> batch(texts_.begin() + static_cast<std::ptrdiff_t>(next_),
                             texts_.begin() + static_cast<std::ptrdiff_t>(end));
    next_ = end;
    co_await Fetch(std::move(batch), cancellation);
  }
}

// A batch that is refused is asked text by text, so that one text costs no other its vector.
Task<void> EmbeddingFetch::Fetch(std::vector<Text*> batch, Cancellation& cancellation) {
  Status asked = co_await Ask(batch, cancellation);
  if (asked) {
    refusals_ = 0;
    co_return arrived_(batch);
  }
  error_ = asked.error().message;
  if (!Refused(asked.error().code)) {
    broken_ = true;
    co_return;
  }
  if (batch.size() == 1) {
    batch.front()->refused = true;
    broken_ = ++refusals_ == kMostRefusals;
    co_return;
  }
  for (Text* text : batch) {
    if (broken_ || cancellation.cancelled()) co_return;
    std::vector<Text*> one{text};
    co_await Fetch(std::move(one), cancellation);
  }
}

Task<Status> EmbeddingFetch::Ask(const std::vector<Text*>& batch, Cancellation& cancellation) {
  std::vector<std::string> texts;
  for (const Text* text : batch) texts.push_back(text->text);
  auto body = ChatBody::Parse(EmbeddingRequest(encoder_->spec.model, texts));
  if (!body) co_return std::move(body).error();
  const ExpertCall call{.body = *body,
                        .expert = encoder_,
                        .purpose = CallPurpose::kRouting,
                        .call_class = CallClass::kBackground,
                        .deadline = Deadline::After(kPatience)};
  Ledger ledger;  // no client's request: without limits
  const SignalCaller::Site site{ledger, &cancellation};
  SignalCall note;
  Result<RawReply> reply = co_await caller_.Embed(call, site, &note);
  if (!reply) co_return std::move(reply).error();
  auto vectors = ParseEmbeddings(reply->body, batch.size());
  if (!vectors) co_return std::move(vectors).error();
  if (dimensions_ == 0) dimensions_ = vectors->front().size();
  if (vectors->front().size() != dimensions_) {
    co_return Error{ErrorCode::kUpstream, "the encoder changed from " +
                                              std::to_string(dimensions_) + " dimensions to " +
                                              std::to_string(vectors->front().size())};
  }
  for (std::size_t i = 0; i < batch.size(); ++i) batch[i]->vector = std::move((*vectors)[i]);
  co_return Ok{};
}

}  // namespace moerge
