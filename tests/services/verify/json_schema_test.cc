#include "services/verify/json_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace moerge {
namespace {

using testing::HasSubstr;

JsonSchema Compiled(std::string_view text) {
  auto schema = JsonSchema::Parse(text, "schema");
  if (!schema.ok()) throw std::runtime_error(schema.error().message);
  return *std::move(schema);
}

std::string Violation(std::string_view schema, std::string_view value) {
  const auto document = json::Document::Parse(value);
  if (!document.ok()) return document.error().message;
  return Compiled(schema).Violation(document->root()).value_or("");
}

std::string Refusal(std::string_view text) {
  const auto schema = JsonSchema::Parse(text, "the.param");
  if (schema.ok()) return "accepted";
  EXPECT_EQ(schema.error().code, ErrorCode::kInvalid);
  EXPECT_EQ(schema.error().param, "the.param");
  return schema.error().message;
}

TEST(JsonSchema, NamesThePlaceAndTheKeyword) {
  const char* const schema =
      R"({"type": "object", "properties": {"items": {"type": "array", "items": {"type": "object",
          "properties": {"price": {"type": "number", "maximum": 10}}, "required": ["price"],
          "additionalProperties": false}}}})";
  EXPECT_EQ(Violation(schema, R"({"items": [{"price": 1}, {"price": 10}]})"), "");
  EXPECT_EQ(Violation(schema, R"({"items": [{"price": 1}, {"price": 12}]})"),
            "`/items/1/price` (a number) does not satisfy `maximum`: 10");
  EXPECT_EQ(Violation(schema, R"({"items": [{}]})"),
            "`/items/0` (an object) does not satisfy `required`: `price` is missing");
  EXPECT_EQ(Violation(schema, R"({"items": [{"price": 1, "a/b": 2}]})"),
            "`/items/0/a~1b` (a number) is not allowed there: its schema is `false`");
  EXPECT_EQ(Violation(schema, "[]"), R"(the value (an array) does not satisfy `type`: "object")");
}

TEST(JsonSchema, ChoicesSayHowManyFit) {
  const char* const schema = R"({"oneOf": [{"minimum": 1}, {"maximum": 5}]})";
  EXPECT_EQ(Violation(schema, "0"), "");
  EXPECT_THAT(Violation(schema, "3"), HasSubstr("`oneOf`: 2 of its schemas are satisfied"));
}

TEST(JsonSchema, UnderstandsWhatPydanticWrites) {
  const char* const schema =
      R"({"$defs": {"Node": {"properties": {"name": {"title": "Name", "type": "string"},
          "next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}], "default": null},
          "age": {"exclusiveMinimum": 0, "type": "integer"}, "kind": {"const": "n"}},
          "required": ["name"], "title": "Node", "type": "object"}}, "$ref": "#/$defs/Node"})";
  EXPECT_EQ(Violation(schema, R"({"name": "a", "next": {"name": "b", "next": null}, "age": 3})"),
            "");
  EXPECT_NE(Violation(schema, R"({"name": "a", "next": {"next": null}})"), "");
  EXPECT_NE(Violation(schema, R"({"name": "a", "age": 0})"), "");
  EXPECT_NE(Violation(schema, R"({"name": "a", "kind": "m"})"), "");
}

TEST(JsonSchema, LargeIntegersAreExact) {
  EXPECT_EQ(Violation(R"({"const": 9007199254740993})", "9007199254740993"), "");
  EXPECT_NE(Violation(R"({"const": 9007199254740993})", "9007199254740992"), "");
  EXPECT_EQ(Violation(R"({"const": 1})", "1.0"), "");
}

TEST(JsonSchema, ChecksFormats) {
  const auto fits = [](const std::string& format, const std::string& text) {
    return Violation("{\"format\": \"" + format + "\"}", "\"" + text + "\"").empty();
  };
  EXPECT_TRUE(fits("date", "2024-02-29"));
  EXPECT_FALSE(fits("date", "2023-02-29"));
  EXPECT_TRUE(fits("date-time", "2024-02-29T23:59:60Z"));
  EXPECT_FALSE(fits("date-time", "2024-02-29 23:59:60Z"));
  EXPECT_FALSE(fits("date-time", "2024-02-29T"));
  EXPECT_TRUE(fits("time", "12:00:00+02:00"));
  EXPECT_FALSE(fits("time", "12:00:00"));
  EXPECT_TRUE(fits("duration", "P1Y2M3DT4H5M6S"));
  EXPECT_TRUE(fits("duration", "PT36H"));
  EXPECT_TRUE(fits("duration", "P4W"));
  EXPECT_FALSE(fits("duration", "P"));
  EXPECT_FALSE(fits("duration", "P1YT"));
  EXPECT_FALSE(fits("duration", "P1Y2W"));
  EXPECT_TRUE(fits("email", "joe.bloggs@example.com"));
  EXPECT_FALSE(fits("email", "joe"));
  EXPECT_FALSE(fits("email", ".joe@example.com"));
  EXPECT_TRUE(fits("hostname", "www.example.com"));
  EXPECT_FALSE(fits("hostname", "-a.example"));
  EXPECT_TRUE(fits("ipv4", "192.168.0.1"));
  EXPECT_FALSE(fits("ipv4", "256.256.256.256"));
  EXPECT_FALSE(fits("ipv4", "127.0.0.1\\u0000"));
  EXPECT_TRUE(fits("ipv6", "::1"));
  EXPECT_FALSE(fits("ipv6", "12345::"));
  EXPECT_TRUE(fits("uuid", "2EB8AA08-AA98-11EA-B4AA-73B441D16380"));
  EXPECT_FALSE(fits("uuid", "2eb8aa08aa9811eab4aa73b441d16380"));
  EXPECT_TRUE(fits("uri", "https://example.com/a?b=c#d"));
  EXPECT_FALSE(fits("uri", "//example.com"));
  EXPECT_EQ(Violation(R"({"format": "date"})", "12"), "");
}

TEST(JsonSchema, RefusesWhatItWouldNotCheck) {
  EXPECT_THAT(Refusal(R"({"minLenght": 3})"), HasSubstr("Did you mean `minLength`"));
  EXPECT_THAT(Refusal(R"({"properties": {"a": {"unevaluatedProperties": false}}})"),
              HasSubstr("`/properties/a/unevaluatedProperties` is no keyword"));
  EXPECT_THAT(Refusal(R"({"format": "iri"})"), HasSubstr("none of the formats"));
  EXPECT_THAT(Refusal(R"x({"pattern": "(?=a)"})x"),
              HasSubstr("`/pattern` is no regular expression"));
  EXPECT_THAT(Refusal(R"x({"pattern": "((a{1,900}){1,900}){1,900}"})x"), HasSubstr("/pattern"));
  EXPECT_THAT(Refusal(R"({"items": {"$id": "x"}})"), HasSubstr("only possible at the top"));
  EXPECT_THAT(Refusal("[]"), HasSubstr("must be a schema"));
  EXPECT_THAT(Refusal("{"), HasSubstr("the JSON schema: "));
  EXPECT_THAT(Refusal("\"" + std::string(70'000, 'a') + "\""), HasSubstr("bytes"));
  EXPECT_THAT(Refusal(std::string(65, '[') + std::string(65, ']')), HasSubstr("64"));
}

TEST(JsonSchema, RefusesKeywordsOfTheWrongForm) {
  for (const char* const schema : {R"({"type": "text"})",
                                   R"({"type": []})",
                                   R"({"type": 3})",
                                   R"({"minLength": "3"})",
                                   R"({"minLength": -1})",
                                   R"({"minLength": 1.5})",
                                   R"({"minLength": 1e300})",
                                   R"({"multipleOf": 0})",
                                   R"({"exclusiveMinimum": true})",
                                   R"({"maximum": 1e999})",
                                   R"({"enum": 1})",
                                   R"({"required": [1]})",
                                   R"({"required": true})",
                                   R"({"allOf": []})",
                                   R"({"allOf": {}})",
                                   R"({"allOf": [1]})",
                                   R"({"properties": []})",
                                   R"({"properties": {"a": 1}})",
                                   R"({"not": null})",
                                   R"({"items": "x"})",
                                   R"({"pattern": 1})",
                                   R"({"patternProperties": {"(": true}})",
                                   R"({"uniqueItems": 1})",
                                   R"({"dependentRequired": {"a": "b"}})",
                                   R"({"dependencies": {"a": ["b", 1]}})",
                                   R"({"$ref": 1})",
                                   R"({"format": 1})",
                                   R"({"title": 1})"}) {
    EXPECT_NE(Refusal(schema), "accepted") << schema;
  }
}

TEST(JsonSchema, FetchesNothing) {
  for (const char* const reference :
       {"http://localhost/schema", "file:///etc/passwd", "other.json#/a", "#name", "#/nowhere",
        "#/default", "#/enum/0", "#/properties", "#/%zz", "#/~2", "", "#/properties/a/x"}) {
    const std::string schema = R"({"enum": [{}], "default": {}, "properties": {"a": {"$ref": ")" +
                               std::string(reference) + "\"}}}";
    EXPECT_THAT(Refusal(schema), HasSubstr("nothing is fetched")) << reference;
  }
}

TEST(JsonSchema, RefusesSchemasThatLeadBackToThemselves) {
  for (
      const char* const schema :
      {R"({"$ref": "#"})", R"({"allOf": [{"$ref": "#"}]})", R"({"not": {"$ref": "#/not"}})",
       R"({"$defs": {"a": {"anyOf": [{"$ref": "#/$defs/b"}]}, "b": {"if": {"$ref": "#/$defs/a"}}}})",
       R"({"dependentSchemas": {"a": {"$ref": "#"}}})",
       R"({"dependencies": {"a": {"$ref": "#"}}})"}) {
    EXPECT_THAT(Refusal(schema), HasSubstr("without end")) << schema;
  }
  EXPECT_EQ(Refusal(R"({"items": {"$ref": "#"}})"), "accepted");
}

TEST(JsonSchema, WorkIsBoundedWhereAnswersDoubleIt) {
  const std::string schema =
      R"({"$defs": {"a": {"items": {"allOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/a"}]}}},
          "$ref": "#/$defs/a"})";
  EXPECT_EQ(Violation(schema, "[[[]]]"), "");
  EXPECT_THAT(Violation(schema, std::string(60, '[') + std::string(60, ']')),
              HasSubstr("more work than is allowed"));
}

TEST(JsonSchema, WorkIsBoundedWhereTheSchemaDoublesIt) {
  std::string schema = R"({"$ref": "#/$defs/a0", "$defs": {)";
  for (int i = 0; i < 30; ++i) {
    const std::string next = R"({"$ref": "#/$defs/a)" + std::to_string(i + 1) + "\"}";
    schema += "\"a" + std::to_string(i) + R"(": {"anyOf": [)" + next + "," + next + "]},";
  }
  schema += R"("a30": {"type": "string"}}})";
  EXPECT_THAT(Violation(schema, "1"), HasSubstr("more work than is allowed"));
}

TEST(JsonSchema, WorkIsBoundedForNegationsToo) {
  std::string schema = R"({"not": {"$ref": "#/$defs/a"}, "$defs": {"a": {"items": )"
                       R"({"allOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/a"}]}}}})";
  EXPECT_THAT(Violation(schema, std::string(60, '[') + std::string(60, ']')),
              HasSubstr("more work than is allowed"));
}

TEST(JsonSchema, ALargePlainAnswerIsWithinBounds) {
  const std::string schema =
      R"({"type": "array", "uniqueItems": true, "items": {"type": "object", "required": ["id"],
          "properties": {"id": {"type": "integer"}, "tag": {"enum": ["a", "b"]},
          "name": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 20}},
          "additionalProperties": false}})";
  std::string value = "[";
  for (int i = 0; i < 3000; ++i) {
    value += (i > 0 ? "," : "") + std::string(R"({"id": )") + std::to_string(i) +
             R"(, "tag": "b", "name": "abcdefgh"})";
  }
  EXPECT_EQ(Violation(schema, value + "]"), "");
  EXPECT_THAT(Violation(schema, value + R"(, {"id": 2999, "name": "abcdefgh", "tag": "b"}])"),
              HasSubstr("uniqueItems"));
}

}  // namespace
}  // namespace moerge
