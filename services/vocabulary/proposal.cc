#include "services/vocabulary/proposal.h"

#include <utility>

#include "config/base/json.h"
#include "config/base/text.h"

namespace moerge {
namespace {

constexpr ProposalStatus kStatuses[] = {ProposalStatus::kOpen, ProposalStatus::kAccepted,
                                        ProposalStatus::kRejected};

void WriteTexts(std::string_view key, const std::vector<std::string>& texts, json::Writer& writer) {
  writer.Key(key).BeginArray();
  for (const std::string& text : texts) writer.String(text);
  writer.EndArray();
}

void WriteDraft(const SkillDraft& draft, json::Writer& writer) {
  writer.BeginObject().Field("name", draft.skill.name).Field("category", draft.skill.category);
  writer.Field("description", draft.skill.description);
  WriteTexts("examples", draft.skill.examples, writer);
  WriteTexts("labels", draft.labels, writer);
  writer.Field("count", draft.count).Key("cohesion");
  draft.cohesion ? writer.Fixed(*draft.cohesion, 4) : writer.Null();
  writer.TextOrNull("into", draft.into);
  writer.TextOrNull("accepted", draft.accepted);
  writer.EndObject();
}

void WriteOptions(const VocabularyOptions& options, json::Writer& writer) {
  writer.Key("options").BeginObject().Field("merge_at", options.merge_at);
  writer.Field("prompts_weight", options.prompts_weight);
  writer.Field("least_count", options.least_count).Field("max_skills", options.max_skills);
  writer.EndObject();
}

std::string Text(json::Value object, std::string_view key) {
  return std::string(StringAt(object, key));
}

std::size_t Whole(json::Value object, std::string_view key) {
  return static_cast<std::size_t>(object.Find(key).AsInt().value_or(0));
}

std::vector<std::string> Texts(json::Value array) {
  std::vector<std::string> texts;
  for (const json::Value text : array.children()) texts.emplace_back(text.AsString().value_or(""));
  return texts;
}

SkillDraft ReadDraft(json::Value value) {
  SkillDraft draft;
  draft.skill.name = Text(value, "name");
  draft.skill.category = Text(value, "category");
  draft.skill.description = Text(value, "description");
  draft.skill.examples = Texts(value.Find("examples"));
  draft.labels = Texts(value.Find("labels"));
  draft.count = Whole(value, "count");
  draft.cohesion = value.Find("cohesion").AsDouble();
  draft.into = Text(value, "into");
  draft.accepted = Text(value, "accepted");
  return draft;
}

VocabularyOptions ReadOptions(json::Value value) {
  VocabularyOptions options;
  options.merge_at = value.Find("merge_at").AsDouble().value_or(options.merge_at);
  options.prompts_weight = value.Find("prompts_weight").AsDouble().value_or(options.prompts_weight);
  options.least_count = Whole(value, "least_count");
  options.max_skills = Whole(value, "max_skills");
  return options;
}

}  // namespace

std::string_view ProposalStatusName(ProposalStatus status) {
  switch (status) {
    case ProposalStatus::kOpen: return "open";
    case ProposalStatus::kAccepted: return "accepted";
    case ProposalStatus::kRejected: return "rejected";
  }
  return "";
}

std::optional<ProposalStatus> ParseProposalStatus(std::string_view name) {
  for (const ProposalStatus status : kStatuses) {
    if (ProposalStatusName(status) == name) return status;
  }
  return std::nullopt;
}

Proposal MakeProposal(VocabularyProposal built, const VocabularyOptions& options) {
  Proposal proposal;
  proposal.options = options;
  proposal.labels = built.left_out.size();
  for (ProposedSkill& one : built.skills) {
    proposal.labels += one.labels.size();
    proposal.skills.push_back(
        {std::move(one.skill), std::move(one.labels), one.count, one.cohesion, {}, {}});
  }
  proposal.left_out = std::move(built.left_out);
  return proposal;
}

std::string ToJson(const Proposal& proposal) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("id", proposal.id).Field("object", "moerge.vocabulary_proposal");
  writer.Field("name", proposal.name).Field("status", ProposalStatusName(proposal.status));
  writer.Field("created", FormatTime(proposal.created)).Field("from", proposal.from);
  WriteOptions(proposal.options, writer);
  writer.Field("labels", proposal.labels).Key("skills").BeginArray();
  for (const SkillDraft& draft : proposal.skills) WriteDraft(draft, writer);
  writer.EndArray();
  WriteTexts("left_out", proposal.left_out, writer);
  writer.EndObject();
  return out;
}

Result<Proposal> ReadProposal(std::string_view json) {
  const Result<json::Document> document = json::Document::Parse(json);
  Proposal proposal;
  if (document) {
    const json::Value root = document->root();
    const auto status = ParseProposalStatus(Text(root, "status"));
    const auto created = ParseTime(Text(root, "created"));
    proposal.id = Text(root, "id");
    proposal.name = Text(root, "name");
    proposal.from = Text(root, "from");
    proposal.options = ReadOptions(root.Find("options"));
    proposal.labels = Whole(root, "labels");
    for (const json::Value draft : root.Find("skills").children()) {
      proposal.skills.push_back(ReadDraft(draft));
    }
    proposal.left_out = Texts(root.Find("left_out"));
    if (status && created) {
      proposal.status = *status;
      proposal.created = *created;
      return proposal;
    }
  }
  return Error{ErrorCode::kInternal, "the kept vocabulary proposal cannot be read"};
}

ProposalRecord RecordOf(const Proposal& proposal) {
  ProposalRecord record;
  record.id = proposal.id;
  record.created = proposal.created;
  record.name = proposal.name;
  record.status = ProposalStatusName(proposal.status);
  record.skills = static_cast<std::int64_t>(proposal.skills.size());
  record.labels = static_cast<std::int64_t>(proposal.labels);
  record.json = ToJson(proposal);
  return record;
}

}  // namespace moerge
