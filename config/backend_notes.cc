#include "config/backend_notes.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "config/base/text.h"
#include "config/yaml/environment.h"

namespace moerge {
namespace {

class BackendNotes {
 public:
  explicit BackendNotes(const Backend& backend) : backend_(backend) {}

  std::vector<std::string> Take() && {
    NoteKey();
    NoteHeaders();
    NoteEndpoint();
    return std::move(notes_);
  }

 private:
  void Add(std::string text) {
    notes_.push_back("backend `" + backend_.name + "`: " + std::move(text));
  }

  void NoteKey() {
    const std::string& name = backend_.api_key_env;
    if (!name.empty()) NoteVariable(name, "api_key_env");
  }

  void NoteVariable(const std::string& name, const std::string& where) {
    const char* value = std::getenv(name.c_str());
    const std::string_view text = value == nullptr ? std::string_view() : value;
    const std::string variable = "the environment variable " + name + " (" + where + ") ";
    if (Trim(text).empty()) {
      Add(variable + (value == nullptr ? "is not set" : "is empty") + ": requests go without it");
    } else if (text.find_first_of("\r\n") != text.npos) {
      const bool inside = Trim(text).find_first_of("\r\n") != text.npos;
      Add(variable + (inside ? "holds a line break, which no header can carry: set it to one line"
                             : "ends in a line break, which is left out"));
    }
  }

  void NoteHeaders() {
    for (const auto& each : backend_.headers) {
      const std::string& header = each.first;  // clang captures no parts of a pair
      const std::string& value = each.second;
      bool fine = true;
      FillEnvironment(value, [&](const std::string& what) {
        fine = false;
        Add("headers." + header + ": " + what + "; the header is left out");
      });
      if (!fine) continue;
      for (const std::string& variable : VariablesIn(value)) {
        const char* text = std::getenv(variable.c_str());
        if (text != nullptr && *text != '\0') NoteVariable(variable, "headers." + header);
      }
    }
  }

  // What the protocol's paths end in, which moerge adds to the address itself.
  void NoteEndpoint() {
    constexpr std::string_view kEndpoints[] = {"/chat/completions", "/completions",  "/embeddings",
                                               "/responses",        "/messages",     "/models",
                                               "/api/chat",         "/api/generate", "/api/tags"};
    const std::string_view url = backend_.base_url;
    for (const std::string_view endpoint : kEndpoints) {
      if (!url.ends_with(endpoint)) continue;
      const std::string_view base = url.substr(0, url.size() - endpoint.size());
      return Add("its base_url ends in " + std::string(endpoint) +
                 ", a whole endpoint; moerge adds that itself: write " + std::string(base));
    }
  }

  const Backend& backend_;
  std::vector<std::string> notes_;
};

}  // namespace

std::vector<std::string> NotesOf(const Backend& backend) { return BackendNotes(backend).Take(); }

std::vector<std::string> NotesOf(const std::vector<Backend>& backends) {
  std::vector<std::string> all;
  for (const Backend& backend : backends) {
    for (std::string& note : NotesOf(backend)) all.push_back(std::move(note));
  }
  return all;
}

}  // namespace moerge
