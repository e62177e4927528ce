// Schemas of tools on their way to Anthropic's API, which takes an object at the top and no union
// there. The next schema is one row.
#include "adapters/anthropic_request.h"
#include "tests/adapters/translation_rows.h"
#include "tests/support/strict_apis.h"

namespace moerge::test {
namespace {

std::string Parameters(std::string_view schema) {
  return Hi(R"("tools":[{"type":"function","function":{"name":"f","parameters":)" +
            std::string(schema) + "}}]");
}

std::vector<TranslationRow> SchemaRows() {
  return {
      {"schema without a type",
       Hi(R"("tools":[{"type":"function","function":{"name":"f","parameters":{"properties":{"a":{}}}}}])"),
       R"("input_schema":{"type":"object","properties":{"a":{}}})"},
      {"schema of nothing but $schema",
       Hi(R"("tools":[{"type":"function","function":{"name":"f","parameters":{"$schema":"x"}}}])"),
       R"("$schema":"x")"},
      {"schema whose type may be null",
       Hi(R"("tools":[{"type":"function","function":{"name":"f","parameters":{"type":["object","null"],"properties":{}}}}])"),
       R"("input_schema":{"type":"object")"},
      {"schema of null",
       Hi(R"("tools":[{"type":"function","function":{"name":"f","parameters":null}}])"),
       R"("properties":{})"},
      {"schema with a union at its top",
       Hi(R"("tools":[{"type":"function","function":{"name":"f","parameters":{"anyOf":[{"properties":{"a":{"type":"string"}}},{"properties":{"b":{}}}]}}}])"),
       R"("properties":{"a":{"type":"string"},"b":{}})", "anyOf", "tools[0].function.parameters"},
      {"a union told apart by a word",
       Parameters(
           R"({"oneOf":[{"properties":{"action":{"type":"string","const":"create"},"title":{}},"required":["action","title"]},{"properties":{"action":{"type":"string","const":"delete"},"id":{}},"required":["action","id"]}]})"),
       R"("properties":{"action":{"type":"string","enum":["create","delete"]},"id":{},"title":{}},"required":["action"])",
       "const", "tools[0].function.parameters"},
      {"a union of other types by name",
       Parameters(
           R"({"type":"object","anyOf":[{"properties":{"a":{"type":"string"}}},{"properties":{"a":{"type":"integer"}}},{"properties":{"a":{"type":"string"}}}]})"),
       R"("properties":{"a":{"anyOf":[{"type":"string"},{"type":"integer"}]}})", "",
       "tools[0].function.parameters"},
      {"all of several",
       Parameters(
           R"({"allOf":[{"properties":{"a":{"type":"string"}},"required":["a"]},{"properties":{"b":{},"a":{"minLength":1}},"required":["b"]},{"properties":{"a":{"maxLength":9}}}]})"),
       R"("properties":{"a":{"allOf":[{"type":"string"},{"minLength":1},{"maxLength":9}]},"b":{}},"required":["a","b"])",
       "", "tools[0].function.parameters"},
      {"a union beside properties of its own",
       Parameters(
           R"({"type":"object","properties":{"a":{},"b":{}},"required":["b"],"additionalProperties":false,"anyOf":[{"required":["a"]},{"properties":{"a":{"type":"string"}}}]})"),
       R"("additionalProperties":false,"properties":{"a":{"type":"string"},"b":{}},"required":["b"])",
       "", "tools[0].function.parameters"},
      {"a union of references",
       Parameters(
           R"({"additionalProperties":false,"anyOf":[{"$ref":"#/$defs/A"},{"$ref":"#/definitions/b~1c"}],"$defs":{"A":{"type":"object","properties":{"a":{"type":"string"}}}},"definitions":{"b/c":{"properties":{"b":{}}}}})"),
       R"("properties":{"a":{"type":"string"},"b":{}})", "anyOf", "tools[0].function.parameters"},
      {"unions within unions",
       Parameters(
           R"({"anyOf":[{"anyOf":[{"properties":{"x":{"type":"string"}}},{"type":"null"}]},{"properties":{"y":{}}}]})"),
       R"("properties":{"x":{"type":"string"},"y":{}})", "anyOf", "tools[0].function.parameters"},
      {"a union with names by a pattern",
       Parameters(
           R"({"additionalProperties":false,"anyOf":[{"patternProperties":{"^x":{}}},{"properties":{"y":{}}}]})"),
       R"("properties":{"y":{}})", "additionalProperties", "tools[0].function.parameters"},
      {"a reference at the top",
       Parameters(
           R"({"$ref":"#/$defs/A","$defs":{"A":{"type":"object","description":"d","properties":{"a":{}},"required":["a"],"additionalProperties":false}}})"),
       R"("description":"d","additionalProperties":false,"properties":{"a":{}},"required":["a"])",
       "\"$ref\""},
      {"a reference at the top to what has a name that it does not take",
       Parameters(R"({"$ref":"#/$defs/A","$defs":{"A":{"properties":{"a b":{}}}}})"), "", "", "",
       "tools[0].function.parameters.properties"},
      {"a union that refers elsewhere",
       Parameters(R"({"anyOf":[{"$ref":"https://e.com/a.json"}]})"), "", "", "",
       "tools[0].function.parameters"},
      {"a union that refers to itself",
       Parameters(R"({"$ref":"#/$defs/A","$defs":{"A":{"anyOf":[{"$ref":"#/$defs/A"}]}}})"), "", "",
       "", "tools[0].function.parameters"},
      {"a reference into a union",
       Parameters(
           R"({"anyOf":[{"properties":{"a":{"type":"string"}}},{"properties":{"b":{"$ref":"#/anyOf/0/properties/a"}}}]})"),
       "", "", "", "tools[0].function.parameters"},
      {"a union that no object fits", Parameters(R"({"anyOf":[{"type":"string"},false]})"), "", "",
       "", "tools[0].function.parameters"},
      {"schema of a string",
       Hi(R"("tools":[{"type":"function","function":{"name":"f","parameters":{"type":"string"}}}])"),
       "", "", "", "tools[0].function.parameters.type"},
      {"schema with members of null",
       Hi(R"("tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":null,"required":null}}}])"),
       R"("input_schema":{"type":"object","properties":{}})", "null"},
      {"a parameter whose name it does not take",
       Hi(R"("tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a b":{}}}}}])"),
       "", "", "", "tools[0].function.parameters.properties"},
  };
}

TEST(AnthropicSchema, IsAnObjectAtTheTop) {
  for (const TranslationRow& row : SchemaRows())
    CheckTranslation(row, ToAnthropicRequest, RefusedByAnthropic);
}

// References and branches cannot blow up what is read.
TEST(AnthropicSchema, IsReadInBoundedTime) {
  std::string doubling = R"({"$ref":"#/$defs/d0","$defs":{)";
  for (int i = 0; i < 30; ++i) {
    const std::string next = R"({"$ref":"#/$defs/d)" + std::to_string(i + 1) + "\"}";
    doubling += "\"d" + std::to_string(i) + R"(":{"anyOf":[)" + next + "," + next + "]},";
  }
  doubling += R"("d30":{}}})";
  std::string wide = R"({"allOf":[)";
  for (int i = 0; i < 900; ++i) {
    wide += R"({"properties":{"a":{"minLength":)" + std::to_string(i) + "}}},";
  }
  wide += "{}]}";
  CheckTranslation({"doubling", Parameters(doubling), "", "", "", "tools[0].function.parameters"},
                   ToAnthropicRequest, RefusedByAnthropic);
  CheckTranslation(
      {"wide", Parameters(wide), R"("minLength":899)", "", "tools[0].function.parameters"},
      ToAnthropicRequest, RefusedByAnthropic);
}

}  // namespace
}  // namespace moerge::test
