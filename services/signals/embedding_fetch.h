// Fetches the vectors of many texts from one encoder, in batches, a few at a time.
// Owner: the trainer's thread, which runs the loop until it is done. Threads: that one; Stop: any.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/base/cancellation.h"
#include "config/base/task_group.h"
#include "services/signals/signal_caller.h"

namespace moerge {

class EmbeddingFetch {
 public:
  static constexpr std::size_t kBatch = 32;
  static constexpr int kAtOnce = 2;
  // An encoder that refuses so many texts in a row is not well.
  static constexpr int kMostRefusals = 8;

  struct Text {
    std::string text;
    EmbeddingVector vector;  // empty: none came
    bool refused = false;    // by the encoder: it will not come
  };
  // `arrived` gets each batch with its vectors. `texts` outlive the fetch.
  EmbeddingFetch(SignalCaller& caller, ExpertPtr encoder, std::vector<Text*> texts,
                 std::function<void(const std::vector<Text*>&)> arrived);

  Task<void> Run(Cancellation& cancellation);
  // The last failure; empty: there was none.
  const std::string& error() const { return error_; }

 private:
  Task<void> Work(Cancellation& cancellation);
  Task<void> Fetch(std::vector<Text*> batch, Cancellation& cancellation);
  Task<Status> Ask(const std::vector<Text*>& batch, Cancellation& cancellation);

  SignalCaller& caller_;
  const ExpertPtr encoder_;
  std::vector<Text*> texts_;
  std::function<void(const std::vector<Text*>&)> arrived_;
  std::size_t next_ = 0;
  std::size_t dimensions_ = 0;  // of the first vector; others must agree
  int refusals_ = 0;            // in a row
  std::string error_;
  bool broken_ = false;  // the encoder does not answer: no use in going on
};

}  // namespace moerge
