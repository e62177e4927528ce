// The JSON Schema organisation's own test suite for draft 7, as Debian packages it.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "services/verify/json_schema.h"

namespace moerge {
namespace {

constexpr char kSuite[] = "/usr/share/json-schema-test-suite/tests/draft7";

std::string FileText(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Groups whose schemas are refused: what they refer to is no schema here, or another document.
bool MayBeRefused(const std::string& group) {
  static const std::set<std::string> groups{
      "escaped pointer ref",                 // to members that are no keywords
      "remote ref, containing refs itself",  // to the draft's own schema
      "valid definition",
      "invalid definition",  // likewise
      "Location-independent identifier",
      "Recursive references between schemas"};
  return groups.contains(group);
}

// Siblings of `$ref` count, as they do since draft 2019-09.
bool IsOfOldDraft(const std::string& group) {
  return group == "ref overrides any sibling keywords";
}

struct Counts {
  int agreed = 0;
  int refused = 0;
};

void RunGroup(json::Value group, const std::string& file, Counts* counts) {
  const std::string name(*group.Find("description").AsString());
  if (IsOfOldDraft(name)) return;
  const auto schema = JsonSchema::Parse(group.Find("schema").raw(), "schema");
  if (!schema.ok()) {
    ++counts->refused;
    EXPECT_TRUE(MayBeRefused(name)) << file << ": " << name << ": " << schema.error().message;
    return;
  }
  for (const json::Value test : group.Find("tests").children()) {
    const auto value = json::Document::Parse(test.Find("data").raw());
    ASSERT_TRUE(value.ok());
    const bool valid = !schema->Violation(value->root()).has_value();
    EXPECT_EQ(valid, *test.Find("valid").AsBool())
        << file << ": " << name << ": " << *test.Find("description").AsString();
    ++counts->agreed;
  }
}

TEST(JsonSchemaSuite, AgreesWithDraft7) {
  Counts counts;
  for (const auto& entry : std::filesystem::directory_iterator(kSuite)) {
    if (entry.path().extension() != ".json" || entry.path().stem() == "refRemote") continue;
    const std::string text = FileText(entry.path());
    const auto document = json::Document::Parse(text);
    ASSERT_TRUE(document.ok()) << entry.path();
    for (const json::Value group : document->root().children()) {
      RunGroup(group, entry.path().filename(), &counts);
    }
  }
  RecordProperty("agreed", counts.agreed);
  EXPECT_GE(counts.agreed, 390);
}

}  // namespace
}  // namespace moerge
