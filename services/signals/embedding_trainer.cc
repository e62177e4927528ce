#include "services/signals/embedding_trainer.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "config/base/log.h"
#include "services/signals/embedding_codec.h"
#include "services/signals/embedding_fetch.h"

namespace moerge {
namespace {

constexpr std::chrono::milliseconds kLongestPause{60'000};

using Text = EmbeddingFetch::Text;

struct Corpus {
  std::vector<std::string> skills;  // ascending
  std::vector<Text> texts;
  std::vector<std::uint32_t> labels;  // by text
  std::uint64_t fingerprint = 0;      // equal for equal skills, texts and labels
};

// The texts of a snapshot's skills and of the observations with one of these skills; the ones with
// the lowest hashes if there are too many.
class CorpusBuilder {
 public:
  explicit CorpusBuilder(const Snapshot& snapshot) {
    for (const SkillEntry& entry : snapshot.skills) {
      const auto label = static_cast<std::uint32_t>(corpus_.skills.size());
      corpus_.skills.push_back(entry.spec.name);
      label_of_[entry.spec.name] = label;
      Add(entry.spec.name + ": " + entry.spec.description, label, 0);
      for (const std::string& example : entry.spec.examples) Add(example, label, 0);
    }
  }

  void Add(const Observation& observation) {
    const auto label = label_of_.find(observation.skill);
    if (label == label_of_.end()) return;
    Add(observation.prompt, label->second, Hash64(observation.id));
    if (rows_.size() > 2 * EmbeddingTrainer::kMaxTexts) Thin();
  }

  Corpus Build() && {
    Thin();
    for (auto& [order, row] : rows_) {
      corpus_.fingerprint = Hash64(row.first, corpus_.fingerprint + row.second);
      corpus_.texts.push_back(Text{std::move(row.first), {}, false});
      corpus_.labels.push_back(row.second);
    }
    for (const std::string& skill : corpus_.skills) {
      corpus_.fingerprint = Hash64(skill, corpus_.fingerprint);
    }
    return std::move(corpus_);
  }

 private:
  void Add(std::string_view text, std::uint32_t label, std::uint64_t order) {
    rows_.emplace_back(order, std::make_pair(EmbeddedPart(text), label));
  }
  void Thin() {
    std::stable_sort(rows_.begin(), rows_.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    if (rows_.size() > EmbeddingTrainer::kMaxTexts) rows_.resize(EmbeddingTrainer::kMaxTexts);
  }

  Corpus corpus_;
  std::map<std::string, std::uint32_t, std::less<>> label_of_;
  std::vector<std::pair<std::uint64_t, std::pair<std::string, std::uint32_t>>> rows_;
};

std::set<EmbeddingSpec> WantedSpecs(const Snapshot& snapshot) {
  std::set<EmbeddingSpec> wanted;
  for (const Policy& policy : snapshot.policies) {
    if (policy.classifier == "embedding") wanted.insert(EmbeddingSpecOf(policy));
  }
  return wanted;
}

EmbeddingRows RowsOf(const Corpus& corpus) {
  EmbeddingRows rows;
  rows.skills = corpus.skills;
  for (std::size_t i = 0; i < corpus.texts.size(); ++i) {
    const EmbeddingVector& vector = corpus.texts[i].vector;
    const bool fits = rows.vectors.empty() || vector.size() == rows.vectors.front().size();
    if (vector.empty() || !fits) continue;
    rows.vectors.push_back(vector);
    rows.labels.push_back(corpus.labels[i]);
  }
  return rows;
}

// Enough to learn from: texts that an encoder refuses may be few.
bool Complete(const std::vector<Text>& texts) {
  std::size_t refused = 0;
  for (const Text& text : texts) {
    if (text.vector.empty() && !text.refused) return false;
    refused += text.refused;
  }
  return refused * 10 <= texts.size();
}

CacheKey KeyOf(const EmbeddingSpec& spec, const Text& text) {
  return VectorKey(spec.backend, spec.model, {}, text.text);
}

}  // namespace

struct EmbeddingTrainer::Impl {
  Impl(StoreThread& store_, Gates& gates_, SignalShared& shared_, std::chrono::milliseconds pause)
      : store(store_), gates(gates_), shared(shared_), first_pause(pause) {}

  // Store thread.
  void OnSnapshot(const SnapshotPtr& snapshot) {
    const std::lock_guard lock(mutex);
    newest = snapshot;
    const bool wanted = !WantedSpecs(*snapshot).empty();
    if (wanted && !thread.joinable() && !stop) thread = std::thread([this] { Loop(); });
    wake.notify_all();
  }

  void Stop() {
    {
      const std::lock_guard lock(mutex);
      stop = true;
      wake.notify_all();
    }
    boost::asio::post(loop, [this] { cancellation.Cancel(); });
    if (thread.joinable()) thread.join();
  }

  // The trainer's thread.
  void Loop() {
    std::chrono::milliseconds pause = first_pause;
    SnapshotPtr done;
    bool again = false;
    std::unique_lock lock(mutex);
    const auto news = [&] { return stop || newest != done; };
    while (true) {
      if (again) {
        wake.wait_for(lock, pause, news);
        pause = newest == done ? std::min(2 * pause, kLongestPause) : first_pause;
      } else {
        wake.wait(lock, news);
        pause = first_pause;
      }
      if (stop) return;
      done = newest;
      lock.unlock();
      again = !Work(done);
      lock.lock();
    }
  }

  // False: something is missing that may come later.
  bool Work(const SnapshotPtr& snapshot) {
    const std::set<EmbeddingSpec> wanted = WantedSpecs(*snapshot);
    shared.heads.Keep(wanted);
    if (wanted.empty()) return true;
    CorpusBuilder builder(*snapshot);
    store.Run([&](Store& opened) {
      (void)opened.observations().Visit([&](const Observation& observation) {
        builder.Add(observation);
        return !stop.load();
      });
    });
    const Corpus corpus = std::move(builder).Build();
    bool complete = true;
    for (const EmbeddingSpec& spec : wanted) {
      if (stop) return true;
      complete &= Train(snapshot, spec, corpus);
    }
    return complete;
  }

  bool Train(const SnapshotPtr& snapshot, const EmbeddingSpec& spec, Corpus corpus) {
    EmbeddingState state = shared.heads.Find(spec);
    if (state.head != nullptr && trained_on[spec] == corpus.fingerprint) return true;
    state.wanted = corpus.texts.size();
    const std::string error = Fill(snapshot, spec, &corpus, &state);
    const bool complete = Complete(corpus.texts);
    state.error = error;
    if (complete && !stop) {
      const EmbeddingRows rows = RowsOf(corpus);
      auto head = EmbeddingHead::Train(rows, spec.head, &stop);
      if (head != nullptr) Tell(spec, *head, rows.vectors.size());
      if (head != nullptr) state.head = std::move(head);
      trained_on[spec] = corpus.fingerprint;
    } else if (!stop) {
      LogWarning("vectors of skills are missing, tried again later",
                 {{"backend", spec.backend}, {"model", spec.model}, {"error", error}});
    }
    shared.heads.Set(spec, std::move(state));
    return complete;
  }

  static void Tell(const EmbeddingSpec& spec, const EmbeddingHead& head, std::size_t rows) {
    LogInfo("embedding head trained", {{"backend", spec.backend},
                                       {"model", spec.model},
                                       {"head", HeadKindName(spec.head)},
                                       {"rows", rows},
                                       {"accuracy", head.quality().accuracy},
                                       {"calibration_error", head.quality().calibration_error}});
  }

  // From the store, then from the encoder. Gives what went wrong.
  std::string Fill(const SnapshotPtr& snapshot, const EmbeddingSpec& spec, Corpus* corpus,
                   EmbeddingState* state) {
    store.Run([&](Store& opened) {
      for (Text& text : corpus->texts) text.vector = VectorCache::Load(KeyOf(spec, text), opened);
    });
    const auto held = [](const Text& text) { return !text.vector.empty(); };
    state->vectors =
        static_cast<std::size_t>(std::count_if(corpus->texts.begin(), corpus->texts.end(), held));
    Report(spec, *state);
    if (state->vectors == corpus->texts.size()) return {};
    const Backend* backend = snapshot->FindBackend(spec.backend);
    if (backend == nullptr) return "there is no backend `" + spec.backend + "`";
    return Fetch(EncoderOf(snapshot, *backend, spec.model), spec, corpus, state);
  }

  std::string Fetch(ExpertPtr encoder, const EmbeddingSpec& spec, Corpus* corpus,
                    EmbeddingState* state) {
    std::vector<Text*> texts;
    for (Text& text : corpus->texts) texts.push_back(&text);
    const auto arrived = [&](const std::vector<Text*>& batch) {
      Keep(spec, batch);
      state->vectors += batch.size();
      Report(spec, *state);
    };
    loop.restart();
    if (http == nullptr) {
      http = MakeHttpClient(loop.get_executor());
      protocols.emplace(http.get());
    }
    const BackendGates of_backends(gates);
    ExpertCaller experts({.protocols = *protocols, .gates = of_backends, .random = random});
    SignalCaller caller(experts);
    EmbeddingFetch fetch(caller, std::move(encoder), std::move(texts), arrived);
    bool over = false;
    Spawn(loop.get_executor(), "embedding fetch", RunFetch(fetch, &over));
    while (!over && loop.run_one() > 0) {
    }
    return fetch.error();
  }

  Task<void> RunFetch(EmbeddingFetch& fetch, bool* over) {
    co_await fetch.Run(cancellation);
    *over = true;
  }

  void Keep(const EmbeddingSpec& spec, const std::vector<Text*>& batch) {
    std::vector<VectorCache::Entry> entries;
    for (const Text* text : batch) entries.emplace_back(KeyOf(spec, *text), text->vector);
    store.Run([&](Store& opened) { VectorCache::Save(std::move(entries), opened); });
  }

  void Report(const EmbeddingSpec& spec, const EmbeddingState& state) {
    shared.heads.Set(spec, state);
    const MetricLabels labels{{"model", spec.model}};
    shared.metrics
        .GetGauge("moerge_embedding_vectors", "Texts of skills that have their vector", labels)
        .Set(static_cast<double>(state.vectors));
    shared.metrics
        .GetGauge("moerge_embedding_vectors_wanted", "Texts of skills that want a vector", labels)
        .Set(static_cast<double>(state.wanted));
  }

  StoreThread& store;
  Gates& gates;
  SignalShared& shared;
  const std::chrono::milliseconds first_pause;
  std::atomic<bool> stop{false};
  boost::asio::io_context loop{1};
  std::unique_ptr<HttpClient> http;  // as long as the loop, whose handlers may refer to it
  std::optional<ProtocolSet> protocols;
  Random random{1};           // of waits before another try, of which there is none
  Cancellation cancellation;  // the trainer's thread, inside `loop`
  std::map<EmbeddingSpec, std::uint64_t> trained_on;  // the trainer's thread
  std::mutex mutex;
  std::condition_variable wake;
  SnapshotPtr newest;  // guarded by mutex, as `thread`
  std::thread thread;
};

EmbeddingTrainer::EmbeddingTrainer(Registry& registry, StoreThread& store, Gates& gates,
                                   SignalShared& shared, std::chrono::milliseconds first_pause)
    : impl_(std::make_shared<Impl>(store, gates, shared, first_pause)) {
  registry.OnPublish([impl = impl_](const SnapshotPtr& snapshot) { impl->OnSnapshot(snapshot); });
}

EmbeddingTrainer::~EmbeddingTrainer() { impl_->Stop(); }

}  // namespace moerge
