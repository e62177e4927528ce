#include "adapters/ollama_tools.h"

#include <string_view>

namespace moerge::ollama {
namespace {

void WriteSchema(const json::Value& schema, json::Writer* writer);

void WriteProperties(const json::Value& properties, json::Writer* writer) {
  writer->BeginObject();
  for (const json::Value property : properties.children()) {
    if (property.AsBool() == false) continue;
    writer->Key(property.key());
    WriteSchema(property, writer);
  }
  writer->EndObject();
}

void WriteSchemas(const json::Value& schemas, json::Writer* writer) {
  writer->BeginArray();
  for (const json::Value schema : schemas.children()) WriteSchema(schema, writer);
  writer->EndArray();
}

void WriteSchema(const json::Value& schema, json::Writer* writer) {
  if (schema.AsBool()) {
    writer->BeginObject().EndObject();
    return;
  }
  if (!schema.is_object()) {
    writer->Raw(schema.raw());
    return;
  }
  writer->BeginObject();
  for (const json::Value member : schema.children()) {
    const std::string_view key = member.key();
    writer->Key(key);
    if (key == "properties" && member.is_object()) {
      WriteProperties(member, writer);
    } else if (key == "items" && !member.is_array()) {
      WriteSchema(member, writer);
    } else if (key == "anyOf" && member.is_array()) {
      WriteSchemas(member, writer);
    } else {
      writer->Raw(member.raw());
    }
  }
  writer->EndObject();
}

std::string_view FirstType(const json::Value& types) {
  for (const json::Value type : types.children()) {
    const std::string_view word = type.AsString().value_or("");
    if (!word.empty() && word != "null") return word;
  }
  return "object";
}

void WriteParameters(const json::Value& parameters, json::Writer* writer) {
  writer->BeginObject();
  for (const json::Value member : parameters.children()) {
    writer->Key(member.key());
    if (member.key() == "type" && member.is_array()) {
      writer->String(FirstType(member));
    } else if (member.key() == "properties" && member.is_object()) {
      WriteProperties(member, writer);
    } else {
      writer->Raw(member.raw());
    }
  }
  writer->EndObject();
}

void WriteMember(const json::Value& member, json::Writer* writer);

void WriteMembers(const json::Value& object, json::Writer* writer) {
  writer->BeginObject();
  for (const json::Value member : object.children()) WriteMember(member, writer);
  writer->EndObject();
}

void WriteMember(const json::Value& member, json::Writer* writer) {
  writer->Key(member.key());
  if (member.key() == "function" && member.is_object()) {
    WriteMembers(member, writer);
  } else if (member.key() == "parameters" && member.is_object()) {
    WriteParameters(member, writer);
  } else {
    writer->Raw(member.raw());
  }
}

}  // namespace

void WriteTool(const json::Value& tool, json::Writer* writer) { WriteMembers(tool, writer); }

}  // namespace moerge::ollama
