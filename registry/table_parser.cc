#include "registry/table_parser.h"

#include <cmath>

#include "config/base/text.h"

namespace moerge {
namespace {

Error BadTable(std::string message) { return Error{ErrorCode::kInvalid, std::move(message)}; }

Error WrongType(const std::string& field, std::string_view wanted, const json::Value& value) {
  return BadTable("`" + field + "` must be " + std::string(wanted) + ", not " +
                  std::string(json::TypeName(value.type())));
}

Status ReadText(const json::Value& value, const std::string& field, std::string* out) {
  const auto text = value.AsString();
  if (!text.has_value()) return WrongType(field, "a string", value);
  *out = *text;
  return Ok{};
}

Status ReadId(const json::Value& value, std::string* out) {
  if (value.AsInt().has_value()) {
    *out = value.raw();
    return Ok{};
  }
  return ReadText(value, "id", out);
}

// Calls read(expert, value, path) for each member; one that is null was not measured.
template <class ReadOne>
Status ReadByExpert(const json::Value& value, const std::string& field, const ReadOne& read) {
  if (!value.is_object()) return WrongType(field, "an object", value);
  for (const json::Value& member : value.children()) {
    if (member.is_null()) continue;
    const std::string expert(member.key());
    if (expert.empty()) return BadTable("`" + field + "` has an expert without a name");
    if (Status done = read(expert, member, field + "." + expert); !done.ok()) return done;
  }
  return Ok{};
}

Status ReadScores(const json::Value& value, TableRow* row) {
  return ReadByExpert(
      value, "scores",
      [&](const std::string& expert, const json::Value& member, const std::string& path) -> Status {
        const auto score = member.AsDouble();
        if (!score.has_value()) return WrongType(path, "a number from 0 to 1", member);
        if (!(*score >= 0 && *score <= 1)) {
          return BadTable("`" + path + "` is " + std::string(member.raw()) +
                          "; a score is from 0 to 1");
        }
        row->scores.emplace_back(expert, *score);
        return Ok{};
      });
}

Status ReadAnswers(const json::Value& value, TableRow* row) {
  return ReadByExpert(
      value, "answers",
      [&](const std::string& expert, const json::Value& member, const std::string& path) -> Status {
        return ReadText(member, path, &row->answers.emplace_back(expert, "").second);
      });
}

Status ReadCost(const json::Value& value, TableRow* row) {
  return ReadByExpert(
      value, "cost",
      [&](const std::string& expert, const json::Value& member, const std::string& path) -> Status {
        const auto cost = member.AsDouble();
        if (!cost.has_value()) return WrongType(path, "a number", member);
        if (!std::isfinite(*cost) || *cost < 0)
          return BadTable("`" + path + "` is " + std::string(member.raw()) +
                          "; a cost is a number of at least 0");
        row->cost.emplace_back(expert, *cost);
        return Ok{};
      });
}

}  // namespace

std::vector<std::string> ExpertsOf(const std::vector<TableRow>& rows) {
  std::set<std::string> names;
  for (const TableRow& row : rows) {
    for (const auto& [expert, score] : row.scores) names.insert(expert);
  }
  return {names.begin(), names.end()};
}

std::vector<std::string> TableReport::Warnings() const {
  std::vector<std::string> warnings;
  if (bad > 0) {
    warnings.push_back(std::to_string(bad) + " of " + std::to_string(rows + bad) +
                       " rows are bad and were left out");
  }
  warnings.insert(warnings.end(), messages.begin(), messages.end());
  if (bad > messages.size()) {
    warnings.push_back("and " + std::to_string(bad - messages.size()) + " more bad rows");
  }
  for (const auto& [field, unknown] : unknown_fields) {
    warnings.push_back("line " + std::to_string(unknown.line) + ": the field `" + field +
                       "` is unknown and was not read (" + std::to_string(unknown.rows) +
                       (unknown.rows == 1 ? " row)" : " rows)"));
  }
  if (excluded > 0) warnings.push_back(std::to_string(excluded) + " rows were excluded by id");
  warnings.insert(warnings.end(), remarks.begin(), remarks.end());
  return warnings;
}

Result<std::optional<TableRow>> TableParser::Parse(std::string_view line, std::size_t number) {
  if (Trim(line).empty()) return std::optional<TableRow>();
  TableRow row;
  row.line = number;
  const Result<json::Document> document = json::Document::Parse(line);
  Status read = document.ok() ? Read(document->root(), &row)
                              : Status(BadTable("not JSON: " + document.error().message));
  if (read.ok() && options_.exclude.contains(row.id)) {
    ++report_.excluded;
    return std::optional<TableRow>();
  }
  if (read.ok()) {
    ++report_.rows;
    Compare(row);
    return std::optional(std::move(row));
  }
  const std::string message = "line " + std::to_string(number) + ": " + read.error().message;
  if (options_.strict) return BadTable(message);
  ++report_.bad;
  if (report_.messages.size() < TableReport::kMaxMessages) report_.messages.push_back(message);
  return std::optional<TableRow>();
}

Status TableParser::Read(const json::Value& object, TableRow* row) {
  if (!object.is_object()) {
    return BadTable("a row must be an object, not " + std::string(json::TypeName(object.type())));
  }
  for (const json::Value& member : object.children()) {
    if (Status read = ReadField(member, row); !read.ok()) return read;
  }
  return Finish(*row);
}

Status TableParser::ReadField(const json::Value& member, TableRow* row) {
  const std::string_view key = member.key();
  if (member.is_null()) return Ok{};
  if (key == "id") return ReadId(member, &row->id);
  if (key == "prompt") return ReadText(member, "prompt", &row->prompt);
  if (key == "category") return ReadText(member, "category", &row->category);
  if (key == "reference") return ReadText(member, "reference", &row->reference);
  if (key == "scores") return ReadScores(member, row);
  if (key == "answers") return ReadAnswers(member, row);
  if (key == "cost") return ReadCost(member, row);
  return TakeUnknown(key, row->line);
}

Status TableParser::TakeUnknown(std::string_view field, std::size_t line) {
  if (options_.strict) {
    static const std::vector<std::string> known = {"id",     "prompt",  "category", "reference",
                                                   "scores", "answers", "cost"};
    const std::string name(field);
    return BadTable("the field `" + name + "` is unknown." + DidYouMean(name, known));
  }
  TableReport::Unknown& unknown = report_.unknown_fields[std::string(field)];
  if (unknown.rows++ == 0) unknown.line = line;
  return Ok{};
}

void TableParser::Compare(const TableRow& row) {
  if (first_line_ == 0) {
    first_line_ = row.line;
    first_expert_ = row.scores.front().first;
  }
  compared_ |= row.scores.size() > 1;
  if (second_line_ > 0 || row.scores.front().first == first_expert_) return;
  second_line_ = row.line;
  second_expert_ = row.scores.front().first;
}

Status TableParser::End() {
  std::string remark;
  if (report_.rows == 1) {
    remark = "line " + std::to_string(first_line_) +
             ": this is the only good row; one result says next to nothing about an expert";
  } else if (!compared_ && second_line_ > 0) {
    remark = "line " + std::to_string(second_line_) + ": no row has scores of two experts (here `" +
             second_expert_ + "`, in line " + std::to_string(first_line_) + " `" + first_expert_ +
             "`): differences between them may be differences between the rows";
  }
  if (remark.empty()) return Ok{};
  if (options_.strict) return BadTable(remark);
  report_.remarks.push_back(std::move(remark));
  return Ok{};
}

Status TableParser::Finish(const TableRow& row) {
  if (row.id.empty()) return BadTable("`id` is missing or empty");
  if (row.prompt.empty()) return BadTable("`prompt` is missing or empty");
  if (row.scores.empty()) return BadTable("`scores` is missing or empty");
  if (!ids_.insert(row.id).second) return BadTable("the id `" + row.id + "` has been seen before");
  return Ok{};
}

}  // namespace moerge
