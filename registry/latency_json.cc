#include <charconv>
#include <memory>
#include <utility>
#include <vector>

#include "config/base/json.h"
#include "registry/latency.h"
#include "registry/registry.h"

namespace moerge {
namespace {

constexpr int kFormat = 1;

// {"count": n, "buckets": [bucket, how many, bucket, how many, ...]}
void Write(const LatencyHistogram& histogram, json::Writer* writer) {
  writer->BeginObject().Field("count", histogram.count()).Key("buckets").BeginArray();
  const LatencyHistogram::Counts counts = histogram.counts();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) writer->Int(static_cast<std::int64_t>(i)).Int(counts[i]);
  }
  writer->EndArray().EndObject();
}

struct SavedHistogram {
  std::uint64_t count = 0;
  LatencyHistogram::Counts counts{};
};

struct SavedExpert {
  std::string name;
  std::uint64_t identity = 0;
  std::int64_t last_ms = 0;
  SavedHistogram answers;
  SavedHistogram first;
};

bool Read(json::Value value, SavedHistogram* out) {
  const auto count = value.Find("count").AsInt();
  if (!count || *count < 0) return false;
  out->count = static_cast<std::uint64_t>(*count);
  std::optional<std::int64_t> bucket;
  for (const json::Value element : value.Find("buckets").children()) {
    const auto number = element.AsInt();
    if (!number || *number < 0) return false;
    if (!bucket) {
      bucket = number;
      continue;
    }
    if (*bucket >= static_cast<std::int64_t>(out->counts.size()) || *number > UINT16_MAX / 2) {
      return false;
    }
    out->counts[static_cast<std::size_t>(*bucket)] = static_cast<std::uint16_t>(*number);
    bucket.reset();
  }
  return !bucket;
}

bool Read(json::Value value, SavedExpert* out) {
  const auto name = value.Find("name").AsString();
  const auto identity = value.Find("identity").AsString();
  const auto last = value.Find("last").AsInt();
  if (!name || name->empty() || !identity || !last) return false;
  out->name = *name;
  std::from_chars(identity->data(), identity->data() + identity->size(), out->identity);
  out->last_ms = *last;
  return Read(value.Find("answers"), &out->answers) && Read(value.Find("first"), &out->first);
}

}  // namespace

std::string LatencyTable::Save() const {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("format", kFormat).Key("experts").BeginArray();
  Visit([&](ExpertId id, const ExpertLatency& of) {
    if (of.answers_.count() == 0) return;
    writer.BeginObject().Field("name", NameOf(id));
    writer.Field("identity", std::to_string(of.identity()));
    writer.Field("last", of.last_ms_.load(std::memory_order_relaxed)).Key("answers");
    Write(of.answers_, &writer);
    writer.Key("first");
    Write(of.first_, &writer);
    writer.EndObject();
  });
  writer.EndArray().EndObject();
  return out;
}

Status LatencyTable::Restore(std::string_view saved) {
  const Error damaged{ErrorCode::kInternal, "the kept latencies of experts cannot be read"};
  const Result<json::Document> document = json::Document::Parse(saved);
  if (!document || document->root().Find("format").AsInt() != kFormat) return damaged;
  std::vector<SavedExpert> experts;
  for (const json::Value value : document->root().Find("experts").children()) {
    if (!Read(value, &experts.emplace_back())) return damaged;
  }
  for (const SavedExpert& expert : experts) {
    ExpertLatency& of = Of(InternExpert(expert.name));
    of.SetIdentity(expert.identity);
    of.last_ms_.store(expert.last_ms, std::memory_order_relaxed);
    of.first_.Restore(expert.first.count, expert.first.counts);
    of.answers_.Restore(expert.answers.count, expert.answers.counts);
  }
  return Ok{};
}

}  // namespace moerge
