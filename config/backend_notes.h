// What is probably wrong with a backend that can be used all the same, for `moerge check` and the
// log at start. Reads the environment; otherwise pure.
#pragma once

#include <string>
#include <vector>

#include "config/entities.h"

namespace moerge {

// One sentence each, which names the backend: its key's variable is not set, or holds a line break;
// a variable of its headers is not set; its address is a whole endpoint. Never holds a value.
std::vector<std::string> NotesOf(const Backend& backend);
std::vector<std::string> NotesOf(const std::vector<Backend>& backends);

}  // namespace moerge
