// The prompt that asks an expert to paraphrase a request. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace moerge {

// `turn`: 0 for the first paraphrase, 1 for the next; each asks for another one.
std::string ParaphraseInstructions(std::size_t turn);
std::string ParaphraseQuestion(std::string_view request);

}  // namespace moerge
