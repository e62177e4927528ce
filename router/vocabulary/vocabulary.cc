#include "router/vocabulary/vocabulary.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "config/base/utf8.h"
#include "router/features/normaliser.h"
#include "router/vocabulary/label_similarity.h"
#include "router/vocabulary/linkage.h"

namespace moerge {
namespace {

constexpr std::size_t kExamples = 20;  // of a proposed skill
constexpr std::size_t kNameBytes = 128;
constexpr std::size_t kDescriptionBytes = 1000;

Status CheckOptions(const VocabularyOptions& options) {
  const auto share = [](double value) { return value >= 0 && value <= 1; };
  if (!share(options.merge_at)) {
    return Error{.code = ErrorCode::kInvalid,
                 .message = "`merge_at` must be a number from 0 to 1",
                 .param = "merge_at"};
  }
  if (!share(options.prompts_weight)) {
    return Error{.code = ErrorCode::kInvalid,
                 .message = "`prompts_weight` must be a number from 0 to 1",
                 .param = "prompts_weight"};
  }
  if (options.max_skills == 0) {
    return Error{.code = ErrorCode::kInvalid,
                 .message = "`max_skills` must be at least 1",
                 .param = "max_skills"};
  }
  return Ok{};
}

// Labels that are the same but for how they are written, most frequent first, ties by text.
std::vector<FreeLabel> Different(const std::vector<FreeLabel>& labels) {
  std::map<std::string, FreeLabel> merged;
  for (const FreeLabel& label : labels) {
    const std::string text = NormalisedLabel(label.text);
    if (text.empty()) continue;
    const auto [at, is_new] = merged.emplace(text, FreeLabel{text, 0, {}});
    at->second.count += label.count;
    at->second.prompts.insert(at->second.prompts.end(), label.prompts.begin(), label.prompts.end());
  }
  std::vector<FreeLabel> different;
  for (auto& [text, label] : merged) {
    std::sort(label.prompts.begin(), label.prompts.end());
    label.prompts.erase(std::unique(label.prompts.begin(), label.prompts.end()),
                        label.prompts.end());
    different.push_back(std::move(label));
  }
  std::stable_sort(different.begin(), different.end(),
                   [](const FreeLabel& a, const FreeLabel& b) { return a.count > b.count; });
  return different;
}

// What a skill may be called: its label, other characters than names may have dropped.
std::string NameOfLabel(const std::string& label) {
  std::string name;
  for (const char c : label) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == ' ';
    if (plain) name += c;
  }
  while (!name.empty() && name.back() == ' ') name.pop_back();
  name.erase(0, name.find_first_not_of(' '));
  return name.substr(0, kNameBytes);
}

// Taken in turn from the labels, so that a frequent one does not crowd out the others.
std::vector<std::string> Examples(const std::vector<const FreeLabel*>& labels) {
  std::vector<std::string> examples;
  std::set<std::string_view> seen;
  for (std::size_t i = 0;; ++i) {
    bool any = false;
    for (const FreeLabel* label : labels) {
      if (i >= label->prompts.size()) continue;
      any = true;
      if (!seen.insert(label->prompts[i]).second) continue;
      examples.push_back(label->prompts[i]);
      if (examples.size() == kExamples) return examples;
    }
    if (!any) return examples;
  }
}

double Cohesion(const SimilarityMatrix& similarity, const std::vector<std::size_t>& members) {
  double sum = 0;
  double pairs = 0;
  for (std::size_t i = 0; i < members.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j, ++pairs) sum += similarity.At(members[i], members[j]);
  }
  return pairs == 0 ? 1 : sum / pairs;
}

// The most frequent labels, as many as a description holds.
std::string Description(const std::vector<std::string>& labels) {
  std::string text(utf8::Truncate(labels.front(), kDescriptionBytes));
  for (std::size_t i = 1; i < labels.size(); ++i) {
    if (text.size() + 2 + labels[i].size() > kDescriptionBytes) break;
    text += ", " + labels[i];
  }
  return text;
}

// `members` ascending, which is most frequent first.
ProposedSkill Propose(const std::vector<FreeLabel>& labels, const SimilarityMatrix& similarity,
                      const std::vector<std::size_t>& members) {
  ProposedSkill proposed;
  std::vector<const FreeLabel*> own;
  for (const std::size_t member : members) {
    own.push_back(&labels[member]);
    proposed.count += labels[member].count;
    proposed.labels.push_back(labels[member].text);
  }
  proposed.skill.name = NameOfLabel(own.front()->text);
  proposed.skill.description = Description(proposed.labels);
  proposed.skill.examples = Examples(own);
  proposed.cohesion = Cohesion(similarity, members);
  return proposed;
}

// A name without any plain letter, or one that another skill has.
void MakeNamesDifferent(std::vector<ProposedSkill>* skills) {
  std::set<std::string> taken;
  for (ProposedSkill& each : *skills) {
    const std::string base = each.skill.name.empty() ? "skill" : each.skill.name;
    each.skill.name = base;
    for (int i = 2; !taken.insert(each.skill.name).second; ++i) {
      each.skill.name = base.substr(0, kNameBytes - 8) + " " + std::to_string(i);
    }
  }
}

// Rare labels join the skill they are most similar to.
void Place(const SimilarityMatrix& similarity, std::size_t label, double merge_at,
           std::vector<std::vector<std::size_t>>* groups, std::vector<std::size_t>* left_out) {
  double best = -1;
  std::vector<std::size_t>* nearest = nullptr;
  for (auto& group : *groups) {
    double sum = 0;
    for (const std::size_t member : group) sum += similarity.At(label, member);
    const double mean = sum / static_cast<double>(group.size());
    if (mean > best) best = mean, nearest = &group;
  }
  if (nearest != nullptr && best >= merge_at) {
    nearest->push_back(label);
  } else {
    left_out->push_back(label);
  }
}

SimilarityMatrix FirstOf(const SimilarityMatrix& whole, std::size_t size) {
  SimilarityMatrix part(size);
  for (std::size_t a = 0; a < size; ++a) {
    for (std::size_t b = 0; b <= a; ++b) part.Set(a, b, whole.At(a, b));
  }
  return part;
}

VocabularyProposal Group(const std::vector<FreeLabel>& labels, const VocabularyOptions& options) {
  const SimilarityMatrix similarity = LabelSimilarity(labels, options.prompts_weight);
  std::size_t frequent = 0;
  std::vector<double> weights;
  for (; frequent < labels.size() && labels[frequent].count >= options.least_count; ++frequent) {
    weights.push_back(std::sqrt(static_cast<double>(labels[frequent].count)));
  }
  const Clusters clusters =
      MergeSimilar(FirstOf(similarity, frequent), weights, options.merge_at, options.max_skills);
  std::vector<std::vector<std::size_t>> groups(clusters.count);
  for (std::size_t i = 0; i < frequent; ++i) groups[clusters.of[i]].push_back(i);
  std::vector<std::size_t> left_out;
  for (std::size_t i = frequent; i < labels.size(); ++i) {
    Place(similarity, i, options.merge_at, &groups, &left_out);
  }
  VocabularyProposal proposal;
  for (const auto& members : groups)
    proposal.skills.push_back(Propose(labels, similarity, members));
  std::stable_sort(
      proposal.skills.begin(), proposal.skills.end(),
      [](const ProposedSkill& a, const ProposedSkill& b) { return a.count > b.count; });
  MakeNamesDifferent(&proposal.skills);
  for (const std::size_t label : left_out) proposal.left_out.push_back(labels[label].text);
  return proposal;
}

}  // namespace

std::string NormalisedLabel(std::string_view text) {
  std::string out;
  bool gap = false;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t code = utf8::Next(text, &at);
    const CharKind kind = KindOf(code);
    if (kind == CharKind::kBlank || kind == CharKind::kSymbol) {
      gap = !out.empty();
      continue;
    }
    if (gap) out += ' ';
    gap = false;
    utf8::Append(utf8::Lower(code), &out);
  }
  return out;
}

Result<VocabularyProposal> ProposeVocabulary(const std::vector<FreeLabel>& labels,
                                             const VocabularyOptions& options) {
  if (Status sound = CheckOptions(options); !sound) return std::move(sound).error();
  const std::vector<FreeLabel> different = Different(labels);
  if (different.empty()) {
    return Error{.code = ErrorCode::kInvalid,
                 .message = "there is no label to build a vocabulary from",
                 .param = "labels"};
  }
  if (different.size() > kMaxLabels) {
    return Error{.code = ErrorCode::kInvalid,
                 .message = std::to_string(different.size()) + " different labels are more than " +
                            std::to_string(kMaxLabels) + "; leave the rarest out",
                 .param = "labels"};
  }
  return Group(different, options);
}

}  // namespace moerge
