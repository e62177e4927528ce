// Environment variables inside configuration values. Reads the process's environment: must not run
// while another thread changes it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace moerge {

// `${NAME}` becomes the variable's value, `${NAME:-text}` the text where it is unset or empty,
// `$${` a plain `${`. What is filled in is not looked at again. `complain` is called for each
// mistake.
std::string FillEnvironment(std::string_view text,
                            const std::function<void(std::string)>& complain);

// A value as it is sent: filled, and where it names a variable without blanks and line breaks
// around it, which files that keys are read from end in. Nothing: a variable is not set, or all of
// it is empty.
std::optional<std::string> SentValue(std::string_view text);

// The names of the variables that FillEnvironment would read in it.
std::vector<std::string> VariablesIn(std::string_view text);

// [A-Za-z_][A-Za-z0-9_]*, up to 256 characters.
bool IsVariableName(std::string_view name);

}  // namespace moerge
