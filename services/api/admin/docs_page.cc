#include "services/api/admin/docs_page.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "config/base/json.h"
#include "config/base/text.h"
#include "services/api/admin/plain_page.h"

namespace moerge::api {
namespace {

std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string LinkTo(std::string_view reference) {
  const std::string name = Escaped(reference.substr(reference.rfind('/') + 1));
  return "<a href=\"#" + name + "\">" + name + "</a>";
}

// In a few words: "integer", "Expert", "array of string".
std::string TypeIn(json::Value schema) {
  if (schema.Find("$ref")) return LinkTo(StringAt(schema, "$ref"));
  std::vector<std::string> parts;
  for (const char* choice : {"anyOf", "oneOf"}) {
    for (const json::Value each : schema.Find(choice).children()) parts.push_back(TypeIn(each));
  }
  for (const json::Value each : schema.Find("type").children()) {
    parts.push_back(Escaped(each.AsString().value_or("")));
  }
  if (!parts.empty()) return Join(parts, " or ");
  std::string type = Escaped(StringAt(schema, "type"));
  if (type == "array") type += " of " + TypeIn(schema.Find("items"));
  for (const json::Value value : schema.Find("enum").children()) {
    type +=
        (type.ends_with(')') ? "" : " ") + std::string("<code>") + Escaped(value.raw()) + "</code>";
  }
  return type.empty() ? "any value" : type;
}

void AppendRow(std::string_view name, std::string_view where, json::Value about, std::string* out) {
  const json::Value schema = about.Find("schema") ? about.Find("schema") : about;
  std::string_view text = StringAt(about, "description");
  if (text.empty()) text = StringAt(schema, "description");
  *out += "<tr><td><code>" + Escaped(name) + "</code></td><td>" + std::string(where) + "</td><td>" +
          TypeIn(schema) + "</td><td>" + Escaped(text) + "</td></tr>\n";
}

void AppendFields(json::Value schema, std::string* out) {
  const json::Value properties = schema.Find("properties");
  if (!properties) {
    *out += "<p>" + TypeIn(schema) + "</p>\n";
    return;
  }
  *out += "<table><tr><th>field</th><th></th><th>type</th><th>what it is</th></tr>\n";
  for (const json::Value property : properties.children()) {
    const auto required = schema.Find("required").children();
    bool must = false;
    for (const json::Value name : required) must |= name.AsString() == property.key();
    AppendRow(property.key(), must ? "required" : "", property, out);
  }
  *out += "</table>\n";
}

json::Value JsonSchemaOf(json::Value body) {
  for (const json::Value type : body.Find("content").children()) return type.Find("schema");
  return {};
}

void AppendBody(json::Value body, std::string* out) {
  const json::Value schema = JsonSchemaOf(body);
  if (!schema) return;
  *out += "<h4>Body</h4>\n";
  AppendFields(schema, out);
}

void AppendAnswers(json::Value responses, std::string* out) {
  *out += "<h4>Answers</h4>\n<table>\n";
  for (const json::Value response : responses.children()) {
    const json::Value schema = JsonSchemaOf(response);
    *out += "<tr><td><code>" + Escaped(response.key()) + "</code></td><td>" +
            Escaped(StringAt(response, "description")) + "</td><td>" +
            (schema ? TypeIn(schema) : std::string()) + "</td></tr>\n";
  }
  *out += "</table>\n";
}

std::string OperationHtml(std::string_view method, std::string_view path, json::Value operation) {
  std::string upper(method);
  std::ranges::transform(upper, upper.begin(), [](char c) { return static_cast<char>(c - 32); });
  std::string out = "<details id=\"" + Escaped(StringAt(operation, "operationId")) +
                    "\"><summary><b>" + upper + "</b> <code>" + Escaped(path) + "</code> " +
                    Escaped(StringAt(operation, "summary")) + "</summary>\n";
  if (const std::string_view text = StringAt(operation, "description"); !text.empty()) {
    out += "<p>" + Escaped(text) + "</p>\n";
  }
  const json::Value parameters = operation.Find("parameters");
  if (parameters.size() > 0) {
    out += "<table><tr><th>parameter</th><th>in</th><th>type</th><th>what it is</th></tr>\n";
    for (const json::Value one : parameters.children()) {
      AppendRow(StringAt(one, "name"), Escaped(StringAt(one, "in")), one, &out);
    }
    out += "</table>\n";
  }
  AppendBody(operation.Find("requestBody"), &out);
  AppendAnswers(operation.Find("responses"), &out);
  return out + "</details>\n";
}

// By tag, in the order in which tags first come.
std::string OperationsHtml(json::Value paths) {
  std::vector<std::pair<std::string, std::string>> groups;
  for (const json::Value path : paths.children()) {
    for (const json::Value operation : path.children()) {
      std::string tag = "Other";
      for (const json::Value name : operation.Find("tags").children()) {
        tag = name.AsString().value_or("");
        break;
      }
      auto at = std::ranges::find(groups, tag, &std::pair<std::string, std::string>::first);
      if (at == groups.end()) at = groups.insert(at, {tag, {}});
      at->second += OperationHtml(operation.key(), path.key(), operation);
    }
  }
  std::string out;
  for (const auto& [tag, html] : groups) out += "<h2>" + Escaped(tag) + "</h2>\n" + html;
  return out;
}

std::string SchemasHtml(json::Value schemas) {
  std::string out = "<h2>Shapes</h2>\n";
  for (const json::Value schema : schemas.children()) {
    const std::string name = Escaped(schema.key());
    out += "<section id=\"" + name + "\"><h3>" + name + "</h3>\n<p>" +
           Escaped(StringAt(schema, "description")) + "</p>\n";
    AppendFields(schema, &out);
    out += "</section>\n";
  }
  return out;
}

}  // namespace

std::string DocsPage(std::string_view text) {
  const Result<json::Document> document = json::Document::Parse(text);
  if (!document) return {};
  const json::Value root = document->root();
  const json::Value info = root.Find("info");
  std::string out = "<h1>" + Escaped(StringAt(info, "title")) + " " +
                    Escaped(StringAt(info, "version")) + "</h1>\n<p>" +
                    Escaped(StringAt(info, "description")) +
                    "</p>\n<p>For programs: <a href=\"/openapi.json\">/openapi.json</a></p>\n";
  out += OperationsHtml(root.Find("paths"));
  out += SchemasHtml(root.Find("components").Find("schemas"));
  return PlainPage("moerge: the HTTP API", out);
}

}  // namespace moerge::api
