#include "services/cli/decision_text.h"

#include <cstdio>
#include <vector>

#include "config/base/json.h"
#include "services/cli/text_table.h"
#include "services/cli/texts.h"

namespace moerge::cli {
namespace {

constexpr std::size_t kListed = 6;  // skills and candidates

std::string Format(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string Share(json::Value value) { return Format("%.2f", value.AsDouble().value_or(0)); }

std::string JoinNames(json::Value list) {
  std::string out;
  for (const json::Value item : list.children()) {
    out += (out.empty() ? "" : ", ") + TextOf(item.is_object() ? item.Find("expert") : item);
  }
  return out;
}

void DescribeSkills(json::Value demand, std::string* out) {
  *out += "skills      ";
  std::size_t count = 0;
  for (const json::Value skill : demand.Find("skills").children()) {
    if (count++ == kListed) break;
    if (count > 1) *out += ", ";
    *out += TextOf(skill.Find("skill")) + " " + Share(skill.Find("probability"));
  }
  if (count == 0) *out += "none";
  *out += "   (confidence " + Share(demand.Find("confidence")) + ", " +
          TextOf(demand.Find("classifier")) + ")\n";
  for (const json::Value note : demand.Find("notes").children())
    *out += "            " + TextOf(note) + "\n";
}

std::string Indented(const std::string& table, const char* label) {
  std::string out;
  std::size_t from = 0;
  while (from < table.size()) {
    const std::size_t end = table.find('\n', from);
    out += from == 0 ? label : "            ";
    out += table.substr(from, end - from) + "\n";
    from = end + 1;
  }
  return out;
}

void DescribeCandidates(json::Value decision, std::string* out) {
  TextTable table({"expert", "expected", "90 % interval", "USD/M", "left out because"});
  std::size_t count = 0;
  for (const json::Value candidate : decision.Find("candidates").children()) {
    if (count++ == kListed) break;
    table.Add({TextOf(candidate.Find("expert")), Share(candidate.Find("expected")),
               Share(candidate.Find("low")) + "-" + Share(candidate.Find("high")),
               Format("%.3g", candidate.Find("price").AsDouble().value_or(0)),
               TextOf(candidate.Find("excluded"))});
  }
  *out += Indented(table.Format(), "candidates  ");
  const auto considered = decision.Find("considered").AsInt().value_or(0);
  if (considered > static_cast<std::int64_t>(kListed)) {
    *out += "            of " + std::to_string(considered) + " considered\n";
  }
}

void DescribeAttempts(json::Value attempts, std::string* out) {
  const char* label = "attempts    ";
  for (const json::Value attempt : attempts.children()) {
    *out += label + TextOf(attempt.Find("expert")) + ": " + TextOf(attempt.Find("outcome")) +
            Format(", %.3g ms", attempt.Find("ms").AsDouble().value_or(0));
    for (const char* field : {"error", "note"}) {
      if (attempt.Find(field).is_string()) *out += ", " + TextOf(attempt.Find(field));
    }
    *out += "\n";
    label = "            ";
  }
}

void DescribeAnswers(json::Value decision, std::string* out) {
  const std::string aggregate = TextOf(decision.Find("aggregate"));
  if (aggregate.empty()) return;
  std::string list;
  for (const json::Value answer : decision.Find("answers").children()) {
    list += (list.empty() ? "" : ", ") + TextOf(answer.Find("expert")) + " ";
    const std::string role = TextOf(answer.Find("role"));
    if (role != "answer") list += role + " ";
    list += answer.Find("answer").is_null() ? "none" : TextOf(answer.Find("answer"));
    list += Format(" (%.2f", answer.Find("weight").AsDouble().value_or(0));
    list += answer.Find("won").AsBool().value_or(false) ? ", won)" : ")";
  }
  *out += "answers     " + aggregate + ": " + (list.empty() ? "none" : list);
  if (decision.Find("answer_confidence").is_number()) {
    *out += "   (right " + Share(decision.Find("answer_confidence")) + ")";
  }
  *out += "\n";
  if (decision.Find("limit").is_string()) {
    *out += "            ended at the ceiling of " + TextOf(decision.Find("limit")) + "\n";
  }
  for (const json::Value note : decision.Find("notes").children()) {
    *out += "            " + TextOf(note) + "\n";
  }
}

void DescribeTimes(json::Value timings, std::string* out) {
  *out += "time        " +
          Format("skills %.0f us, ", timings.Find("classify_us").AsDouble().value_or(0)) +
          Format("experts %.0f us", timings.Find("recruit_us").AsDouble().value_or(0));
  if (timings.Find("total_ms").is_number()) {
    *out +=
        Format("; in all %.3g ms", timings.Find("total_ms").AsDouble().value_or(0)) +
        Format(", of which in moerge %.3g ms", timings.Find("overhead_ms").AsDouble().value_or(0));
  }
  *out += "\n";
}

// Notable facts about a roster: how sure it is of its answer, and why it has an unusual size.
std::string RosterRemarks(json::Value decision) {
  std::string out;
  if (decision.Find("confidence").AsDouble().value_or(0) > 0) {
    out += "   (expected right " + Share(decision.Find("confidence")) + ")";
  }
  if (decision.Find("uncertain").AsBool().value_or(false)) out += "   uncertain: broadcast";
  if (decision.Find("abstained").AsBool().value_or(false)) out += "   abstained";
  const auto null_seats = decision.Find("null_seats").AsInt().value_or(0);
  if (null_seats > 0) out += "   null seats: " + std::to_string(null_seats);
  return out;
}

}  // namespace

Result<std::string> DescribeDecision(std::string_view decision_json) {
  const Result<json::Document> document = json::Document::Parse(decision_json);
  if (!document) return document.error();
  const json::Value decision = document->root();
  if (!decision.Find("demand").is_object()) {
    return Error{ErrorCode::kInvalid, "this is not a decision"};
  }
  std::string out = "decision    " + TextOf(decision.Find("id")) + ", policy " +
                    TextOf(decision.Find("policy")) + "\n";
  DescribeSkills(decision.Find("demand"), &out);
  DescribeCandidates(decision, &out);
  const std::string roster = JoinNames(decision.Find("roster"));
  out += "asks        " + (roster.empty() ? "none" : roster);
  const std::string fallbacks = JoinNames(decision.Find("fallbacks"));
  out += (fallbacks.empty() ? "" : "; then " + fallbacks) + RosterRemarks(decision) + "\n";
  const char* label = "because     ";
  for (const json::Value reason : decision.Find("reasons").children()) {
    out += label + TextOf(reason) + "\n";
    label = "            ";
  }
  DescribeAttempts(decision.Find("attempts"), &out);
  DescribeAnswers(decision, &out);
  DescribeTimes(decision.Find("timings"), &out);
  return out;
}

}  // namespace moerge::cli
