#include "services/vocabulary/reported_labels.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "config/base/json.h"
#include "config/base/utf8.h"
#include "registry/decision_log.h"
#include "router/classify/keywords.h"
#include "services/vocabulary/proposal.h"

namespace moerge {
namespace {

constexpr std::size_t kGroup = 500;  // decisions read at once

class KeywordCounter {
 public:
  explicit KeywordCounter(const Snapshot& snapshot) : known_(snapshot) {}

  void Read(const DecisionRecord& record) {
    if (record.json.find("\"keywords\":{") == std::string::npos) return;  // most decisions
    const auto document = json::Document::Parse(record.json);
    if (!document) return;
    const json::Value root = document->root();
    const auto text = root.Find("request").Find("user").AsString();
    for (const json::Value reported :
         root.Find("signals").Find("keywords").Find("counts").children()) {
      const auto keyword = reported.Find("keyword").AsString();
      const auto count = reported.Find("count").AsInt();
      if (keyword && count && *count > 0) Add(std::string(*keyword), *count, text.value_or(""));
    }
  }

  std::vector<FreeLabel> Take() && {
    std::vector<FreeLabel> list;
    for (auto& [text, label] : labels_) list.push_back(std::move(label));
    std::stable_sort(list.begin(), list.end(),
                     [](const FreeLabel& a, const FreeLabel& b) { return a.count > b.count; });
    if (list.size() > kMaxLabels) list.resize(kMaxLabels);
    return list;
  }

 private:
  void Add(const std::string& keyword, std::int64_t count, std::string_view prompt) {
    const std::string text = NormalisedLabel(keyword);
    if (text.empty() || IsKnown(keyword)) return;
    FreeLabel& label = labels_.try_emplace(text, FreeLabel{text, 0, {}}).first->second;
    label.count += static_cast<std::size_t>(count);
    if (prompt.empty() || label.prompts.size() >= kMaxLabelPrompts) return;
    std::string kept(utf8::Truncate(prompt, kMaxLabelPromptBytes));
    if (std::find(label.prompts.begin(), label.prompts.end(), kept) == label.prompts.end()) {
      label.prompts.push_back(std::move(kept));
    }
  }

  bool IsKnown(const std::string& keyword) {
    const auto [at, fresh] = names_.try_emplace(keyword, false);
    if (fresh) at->second = known_.Find(keyword).has_value();
    return at->second;
  }

  const KeywordIndex known_;
  std::map<std::string, bool> names_;  // keywords that were looked up
  std::map<std::string, FreeLabel> labels_;
};

}  // namespace

Result<std::vector<FreeLabel>> ReportedLabels(StoreThread& store, const Snapshot& snapshot,
                                              const ReportedLabelOptions& options) {
  KeywordCounter counter(snapshot);
  DecisionFilter filter;
  filter.since = options.since;
  filter.with_json = true;
  store.Drain();  // what was decided a moment ago counts
  for (std::size_t left = options.decisions; left > 0;) {
    filter.limit = static_cast<int>(std::min(left, kGroup));
    Result<std::vector<DecisionRecord>> group = std::vector<DecisionRecord>();
    store.Run([&](Store& opened) { group = opened.decisions().List(filter); });
    if (!group && group.error().param == "before_id") break;  // removed meanwhile, being old
    if (!group) return std::move(group).error();
    for (const DecisionRecord& record : *group) counter.Read(record);
    if (group->size() < static_cast<std::size_t>(filter.limit)) break;
    left -= group->size();
    filter.before_id = group->back().id;
  }
  std::vector<FreeLabel> labels = std::move(counter).Take();
  if (!labels.empty()) return labels;
  return Error{.code = ErrorCode::kConflict,
               .message =
                   "no kept decision holds a keyword that names no known skill. They come "
                   "from policies with the classifier `llm`, where `store.decisions` keeps "
                   "texts (`keep_text`)",
               .param = "from"};
}

}  // namespace moerge
