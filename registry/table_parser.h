// Rows of a results table: one JSON object a line, saying how experts did on one request.
// A parser belongs to one table: it counts, and knows the ids it has seen. Not thread-safe.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "config/base/json.h"
#include "config/base/result.h"

namespace moerge {

struct TableRow {
  std::string id;
  std::string prompt;
  std::string category;                                      // the skill; empty: unknown
  std::string reference;                                     // the right answer; empty: not said
  std::vector<std::pair<std::string, double>> scores;        // by expert, 0..1; at least one
  std::vector<std::pair<std::string, std::string>> answers;  // by expert; empty: none was found
  std::vector<std::pair<std::string, double>> cost;          // by expert, USD per million tokens
  std::size_t line = 0;                                      // from 1
};

// Experts with a score in any of the rows, ascending.
std::vector<std::string> ExpertsOf(const std::vector<TableRow>& rows);

struct TableOptions {
  bool strict = false;  // the first bad row is an error; otherwise it is counted and left out
  std::set<std::string> exclude =
      {};  // ids of rows that are left out: wrong references and the like
};

struct TableReport {
  static constexpr std::size_t kMaxMessages = 20;
  std::size_t rows = 0;  // good ones
  std::size_t bad = 0;
  std::size_t excluded = 0;           // left out because their ids were asked to be
  std::vector<std::string> messages;  // "line 7: ..." of the first bad ones
  struct Unknown {
    std::size_t rows = 0;
    std::size_t line = 0;  // the first
  };
  std::map<std::string, Unknown> unknown_fields;
  std::vector<std::string> remarks;  // on the table as a whole

  // What to tell the user, in sentences: bad rows, fields that were not read, remarks.
  std::vector<std::string> Warnings() const;
};

class TableParser {
 public:
  explicit TableParser(TableOptions options = {}) : options_(options) {}

  // Nothing: the line is blank, excluded or a bad row. Error (strict only): kInvalid, "line 7:
  // ..."; a field that is not known is one too.
  Result<std::optional<TableRow>> Parse(std::string_view line, std::size_t number);
  // After the last row: whether the good ones make a table that experts can be compared by. What is
  // against it becomes a remark. Error (strict only): kInvalid, "line 7: ...".
  Status End();
  const TableReport& report() const { return report_; }

 private:
  Status Read(const json::Value& object, TableRow* row);
  Status ReadField(const json::Value& member, TableRow* row);
  Status Finish(const TableRow& row);
  Status TakeUnknown(std::string_view field, std::size_t line);
  void Compare(const TableRow& row);

  TableOptions options_;
  TableReport report_;
  std::unordered_set<std::string> ids_;
  std::size_t first_line_ = 0;   // of the first good row
  std::string first_expert_;     // the first one that was measured
  std::size_t second_line_ = 0;  // the first row that measured another one
  std::string second_expert_;
  bool compared_ = false;  // a row measured two experts
};

}  // namespace moerge
