#include "adapters/line_splitter.h"

namespace moerge {

Result<bool> LineSplitter::Next(std::string_view* line) {
  if (given_) rest_.clear();
  given_ = false;
  const std::size_t end = input_.find('\n');
  const std::string_view head = input_.substr(0, end);
  if (rest_.size() + head.size() > max_line_) {
    return Error{ErrorCode::kUpstream,
                 "the expert's stream holds a line over " + std::to_string(max_line_) + " bytes"};
  }
  input_.remove_prefix(end == std::string_view::npos ? input_.size() : end + 1);
  if (end == std::string_view::npos) {
    rest_.append(head);
    return false;
  }
  *line = head;
  if (!rest_.empty()) {
    *line = rest_.append(head);
    given_ = true;
  }
  return true;
}

}  // namespace moerge
